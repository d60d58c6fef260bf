"""The tested product: its site, mailbox, telephones and fictional voters."""

import json
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from random import SystemRandom
from typing import Any, TypeVar
from urllib.parse import quote, urljoin

from tests.conformance.browser import VoterBrowser
from tests.conformance.raw_http import PreparedRequest, path_of, send
from tests.conformance.waiting import eventually

PASSWORD, OTHER_PASSWORD = "Nuage violet 2018", "Girafe timide 2019"
SPACE = "/espace/accueil"
LINK = re.compile(r"https?://[^\s<>\"]+/[^\s<>\"/]{20,}")
STEP = re.compile(r"\b[A-Z]{2}-\d\b")
CODE = re.compile(r"\b\d{6}\b")
IDENTIFIER = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}\b")
ASKED, CHANGED, TO_CONFIRM = "MP-5", "MP-7", "ID-8"
"""Step codes of three mails: the mail with a link, the notice of a new password, and the confirmation link."""

T = TypeVar("T", "FictionalVoter", "ReceivedMessage")


@dataclass(frozen=True, kw_only=True)
class FictionalVoter:
    """A fictional voter, with personal data. The names are empty if the product does not list them."""

    email: str
    birth_date: str
    numen: str
    phone: str
    language: str = "fr"
    first_name: str = ""
    last_name: str = ""

    @property
    def address_not_on_roll(self) -> str:
        """Address that is not on the roll and has the same length as the voter's address."""
        local, _, domain = self.email.partition("@")
        return f"{local[:-2]}zq@{domain}"

    def identity(self, phone: str, **other: str) -> dict[str, str]:
        """Return the values to type at ID-2. `other` replaces some of them, for example with wrong values."""
        year, month, day = self.birth_date.split("-")
        born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
        return {"phone": phone, "numen": self.numen, **born, **other}


@dataclass(frozen=True, kw_only=True)
class ReceivedMessage:
    """A mail or SMS that a voter has received."""

    id: str
    channel: str
    to: str
    subject: str
    text: str
    html: str
    at: str
    status: str

    @property
    def text_on_one_line(self) -> str:
        return " ".join(self.text.split())

    @property
    def step(self) -> str:
        """Code of the step to which the message belongs.

        A link is left out, because its random part can look like a step code ("…-GT-6-…").
        """
        return "".join(STEP.findall(LINK.sub("", self.text))[:1])

    @property
    def link(self) -> str | None:
        """Link in the message, if any."""
        found = LINK.search(self.text)
        return None if found is None else found[0]

    @property
    def token(self) -> str:
        """Last part of the link, which nobody can guess."""
        return str(self.link).rpartition("/")[2]


@dataclass(kw_only=True)
class Product:
    """The tested product with its declared properties, and the voters and secrets that this test run has used."""

    url: str
    mailbox: str = "/demo/messages.json"
    voters: str = "/demo/voters.json"
    replies: str = "/demo/telephone"
    desk: str = "/demo/desk.json"
    desk_phone: str = "01 99 00 12 34"
    desk_mail: str = "assistance@vote.example"
    messages_per_address: int = 10
    switched_off: str = "0013"
    barred: str = "0016"
    used: list[str] = field(default_factory=list)
    """Addresses of the voters that this test run has used."""
    secrets: set[str] = field(default_factory=lambda: {PASSWORD, OTHER_PASSWORD})
    """Passwords, cookies, links and identifiers, which only their owner may see."""
    unused_voters: dict[str, Iterator[FictionalVoter]] = field(default_factory=dict)

    def browser(self) -> VoterBrowser:
        return VoterBrowser(self.url, self.secrets)

    # ── Voters and messages ──────────────────────────────────────────────────────────────────────────────

    @cached_property
    def all_voters(self) -> list[FictionalVoter]:
        """Return all fictional voters, except the one who is the example on the first page."""
        page = self.browser().get("/").body
        return [each for each in _read(FictionalVoter, self._json(self.voters)) if each.email not in page]

    def take_unused_voter(self, language: str = "fr") -> FictionalVoter:
        """Return a voter that no test run has used."""
        left = self.unused_voters.setdefault(language, (each for each in self.all_voters if each.language == language))
        voter = next((each for each in left if not self.messages(each.email)), None)
        assert voter is not None, f"{self.voters} has no voter left that reads {language}"
        self.used.append(voter.email)
        return voter

    def new_phone(self, ending: str = "") -> str:
        """Return a French mobile number in the form E.164 that has received no SMS."""
        while True:
            number = f"+336125{SystemRandom().randrange(10**6):06d}"
            number = number[: 12 - len(ending)] + ending
            if (ending or not number.endswith((self.switched_off, self.barred))) and not self.messages(number):
                return number

    def messages(self, to: str) -> list[ReceivedMessage]:
        """Return the mails to an address or the SMS to a telephone, oldest first."""
        return _read(ReceivedMessage, reversed(self._json(f"{self.mailbox}?to={quote(to)}")))

    def desk_requests(self, voter: FictionalVoter) -> list[dict[str, Any]]:
        """Return what a voter has asked the helpdesk on the site and still waits for."""
        return self._json(f"{self.desk}?to={quote(voter.email)}")

    def _json(self, where: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(
            send(urljoin(self.url, where), PreparedRequest("GET", path_of(where))).body
        )
        return found

    def mails(self, voter: FictionalVoter, step: str = "") -> list[ReceivedMessage]:
        """Return all mails to a voter, or those of one step."""
        found = [each for each in self.messages(voter.email) if each.step.startswith(step)]
        self.secrets.update(each.token for each in found if each.link is not None)
        return found

    def wait_for_mail(self, voter: FictionalVoter, step: str, *, count: int = 1) -> ReceivedMessage:
        """Wait until a voter has `count` mails of a step, and return the last of them."""
        return eventually(lambda: self.mails(voter, step)[count - 1 : count], f"{count} {step} to {voter.email}")[0]

    def request_link(self, voter: FictionalVoter) -> str:
        """Request a link for a voter, and return the link from the mail."""
        there = len(self.mails(voter, ASKED))
        assert self.browser().ask_for_link_mail(voter.email).step == "MP-4"
        link = self.wait_for_mail(voter, ASKED, count=there + 1).link
        assert link is not None
        return link

    def request_links(self, voters: Sequence[FictionalVoter]) -> list[str]:
        """Request links for several voters, and return the links from the mails."""
        for voter in voters:
            self.browser().ask_for_link_mail(voter.email)
        return [str(self.wait_for_mail(voter, ASKED).link) for voter in voters]

    def wait_until_all_messages_sent(self) -> None:
        """Wait until all earlier messages have been sent.

        To know this, the function requests a mail for another voter and waits for it.
        """
        last = self.take_unused_voter()
        for _ in range(2):
            self.request_link(last)

    def count_mails(self, voter: FictionalVoter) -> int:
        """Wait until all earlier messages have been sent. Returns the number of the voter's mails, at least 1."""
        eventually(lambda: self.mails(voter), f"a mail to {voter.email}")
        self.wait_until_all_messages_sent()
        return len(self.mails(voter))

    # ── Ways that many cases begin with ──────────────────────────────────────────────────────────────────

    def browser_at_new_password(self, voter: FictionalVoter) -> VoterBrowser:
        """Return a browser in which a new link of the voter has been opened."""
        browser = self.browser()
        assert browser.get(self.request_link(voter)).step == "MP-6"
        return browser

    def set_password_by_link(self, voter: FictionalVoter) -> VoterBrowser:
        """Choose a password with a new link. Returns the browser, which the site recognises from now on."""
        browser = self.browser_at_new_password(voter)
        assert browser.submit_new_password(PASSWORD).step == "MP-7"
        return browser

    def sign_in_new_browser(self, voter: FictionalVoter) -> VoterBrowser:
        """Choose a password for a voter. Returns a browser that has signed in with it."""
        browser = self.set_password_by_link(voter)
        assert browser.sign_in(voter.email, PASSWORD).step == "EV-1"
        return browser

    def can_sign_in(self, voter: FictionalVoter, password: str) -> bool:
        """Return whether a voter can sign in with a password."""
        return self.browser().sign_in(voter.email, password).step == "EV-1"


def _read(kind: type[T], mappings: Iterable[Mapping[str, Any]]) -> list[T]:
    """Make an object of the given class from each mapping. Ignores keys that the class does not have."""
    names = {each.name for each in fields(kind)}
    return [kind(**{name: value for name, value in each.items() if name in names}) for each in mappings]


# ── Command-line options that describe the product ───────────────────────────────────────────────────────────

OPTIONS = {
    "mailbox": "address of the JSON list of messages; the parameter ?to= selects a recipient",
    "voters": "address of the JSON list of fictional voters",
    "replies": "address of the form that sends an SMS from a telephone",
    "desk": "address of the JSON list of the requests that wait for the helpdesk; the parameter ?to= selects a voter",
    "desk_phone": "telephone number of the helpdesk, as the pages show it",
    "desk_mail": "mail address of the helpdesk",
    "messages_per_address": "number of messages that may be requested for one address in an hour",
    "switched_off": "last digits of the numbers of telephones that are switched off",
    "barred": "last digits of the numbers that the operator refuses",
}


def add_product_options(parser: ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="address of the site, without a slash at the end")
    for name, words in OPTIONS.items():
        default = getattr(Product, name)
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=default, type=type(default), help=f"{words} (default: {default})")


def product_from_options(options: Namespace) -> Product:
    return Product(url=options.url, **{name: getattr(options, name) for name in OPTIONS})
