"""A running product, with its voters, browsers, mails, SMS, database and logs."""

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from core.forms.phone_number_parser import parse_phone
from core.policy.policy import Policy
from core.text.text import Language, TimeOfDay
from core.text.translation import format_value
from demo.telephones import DemoSms, DemoSmsStore, SmsStatus
from tests.conformance import browser
from tests.conformance.html_page import HtmlPage
from tests.conformance.waiting import eventually

CHOOSE = "/mot-de-passe/nouveau-mot-de-passe"
MESSAGE = "/mot-de-passe/message"
CONFIRM = "/mot-de-passe/confirmation"
SPACE = "/espace/accueil"
CODE, SENDING = "/identifiant/code", "/identifiant/envoi"
IDENTIFIER = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{5}\b")
LINK = re.compile(r"https?://\S+/(?:lien|confirmer|pas-moi)/[A-Za-z0-9_-]+")
NEITHER = "no link"
MAILS_TO = """
SELECT id, recipient, raw FROM mail WHERE :recipient IS NULL OR recipient = :recipient ORDER BY id
"""


def french_time(at: datetime) -> str:
    """Return how a page in French writes a time of day, with ordinary spaces."""
    return " ".join(str(format_value(TimeOfDay(at), Language.FRENCH)).split())


class SiteBrowser(browser.VoterBrowser):
    """The browser of one person who uses a site."""

    def confirming(self, email: str) -> dict[str, str]:
        """Go to MP-3. Returns the headers of the request that asks for the mail."""
        self.go_to_link_request_step(email)
        return {"Cookie": self.cookie_header}

    def submit_new_password(self, password: str, again: str | None = None) -> HtmlPage:
        """Send the form with a new password, even if the browser has not opened MP-6."""
        return self.post(CHOOSE, {"new_password": password, "new_password_again": password if again is None else again})


@dataclass(frozen=True)
class DemoVoter:
    """A fictional voter, with the personal data that a caller knows."""

    email: str
    birth_date: str
    numen: str
    phone: str
    last_name: str
    first_name: str
    academie: str
    language: Language


@dataclass(frozen=True)
class DemoMail:
    """A mail with its number in the demo's mailbox. `raw` is the source that the mail server received."""

    id: int
    to: str
    raw: bytes

    @cached_property
    def _parsed(self) -> Any:  # noqa: ANN401  # the standard library's message, with its loose types
        return message_from_bytes(self.raw, policy=default)

    @property
    def subject(self) -> str:
        return str(self._parsed["Subject"])

    @property
    def message_id(self) -> str:
        """Message-ID of the mail. Copies of a mail have the same Message-ID."""
        return str(self._parsed["Message-ID"])

    def part(self, kind: str) -> str:
        """Return the part "plain" or "html" of the mail, or an empty string if it is missing."""
        found = self._parsed.get_body((kind,))
        return "" if found is None else str(found.get_content()).replace("\r\n", "\n")

    @property
    def words(self) -> str:
        """Text of the mail on one line."""
        return " ".join(self.part("plain").split())

    @property
    def link(self) -> str:
        """Link in the mail, or `NEITHER` if there is none."""
        found = LINK.search(self.part("plain"))
        return NEITHER if found is None else found[0]

    @property
    def token(self) -> str:
        return self.link.rpartition("/")[2]


@dataclass
class RunningProduct:
    """A running site with its folder, and the voters that tests have used."""

    site: str
    folder: Path
    database: str | None = None
    """SQLAlchemy URL of the PostgreSQL database. None if the site uses SQLite in its folder."""
    used: dict[str, DemoVoter] = field(default_factory=dict)

    @cached_property
    def voters(self) -> list[DemoVoter]:
        lines = (self.folder / "voters.json").read_text(encoding="utf-8").splitlines()
        return [DemoVoter(**{**line, "language": Language(line["language"])}) for line in map(json.loads, lines)]

    def take_unused_voter(self, language: Language = Language.FRENCH) -> DemoVoter:
        """Return a voter that no test has used yet."""
        voter = next(each for each in self.voters if each.language is language and each.email not in self.used)
        self.used[voter.email] = voter
        return voter

    def browser(self) -> SiteBrowser:
        return SiteBrowser(self.site)

    def mails(self, to: str | None = None) -> list[DemoMail]:
        """Return all mails in the mailbox, or those to one address, oldest first."""
        path = self.folder / "mailbox.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(MAILS_TO, {"recipient": to}).fetchall()
        return [DemoMail(*row) for row in rows]

    def mail(self, to: str, *, count: int = 1) -> DemoMail:
        """Wait until an address has received `count` mails, and return the newest one."""
        return eventually(lambda: self.mails(to)[:count][count - 1 :], f"{count} mails to {to}")[0]

    def texts(self, number: str | None) -> list[DemoSms]:
        """Return the SMS to and from one telephone or all telephones, oldest first."""
        return DemoSmsStore(self.folder / "telephones.sqlite3").messages(number, 1000)[::-1]

    def sms(self, number: str, *, count: int = 1) -> DemoSms:
        """Wait until a telephone has received `count` SMS, and return the newest one."""

        def got() -> list[DemoSms]:
            return [text for text in self.texts(number) if text.status is not SmsStatus.REPLY][:count][count - 1 :]

        return eventually(got, f"{count} SMS to {number}")[0]

    def answer(self, number: str, text: str) -> None:
        DemoSmsStore(self.folder / "telephones.sqlite3").reply(number, text)

    def links(self, voter: DemoVoter) -> list[DemoMail]:
        """Return the mails of a voter that contain a recovery link."""
        return [mail for mail in self.mails(voter.email) if "/lien/" in mail.link]

    def link(self, voter: DemoVoter) -> str:
        """Request a link for a voter, and return the link from the mail."""
        there = len(self.links(voter))
        self.browser().ask_for_link_mail(voter.email)
        mail = eventually(lambda: self.links(voter)[there:], f"a link to {voter.email}")[0]
        return mail.link

    def links_of(self, voters: Sequence[DemoVoter]) -> dict[str, str]:
        """Request a link for each of several voters. Returns the new links by mail address."""
        for voter in voters:
            self.browser().ask_for_link_mail(voter.email)
        self.settled()
        found = {mail.to: mail for mail in self.mails()}
        return {voter.email: found[voter.email].link for voter in voters}

    def browser_at_new_password(self, voter: DemoVoter) -> SiteBrowser:
        """Return a browser in which a new link of the voter has been opened."""
        browser = self.browser()
        browser.get(self.link(voter))
        return browser

    def set_password_by_link(self, voter: DemoVoter, password: str) -> SiteBrowser:
        """Choose a password with a new link. Returns the browser, which shows MP-7."""
        browser = self.browser_at_new_password(voter)
        page = browser.submit_new_password(password)
        assert page.step == "MP-7", page.text
        return browser

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a database query, which has `?` as placeholders."""
        if self.database is not None:
            with psycopg.connect(self.database.replace("+psycopg", "")) as server:
                return server.execute(query.replace("?", "%s").encode(), values or None).fetchall()
        with closing(sqlite3.connect(self.folder / "retrouve.sqlite3", timeout=180)) as connection:
            return connection.execute(query, values).fetchall()

    def epoch(self, voter: DemoVoter) -> int:
        """Return the epoch of a voter, which grows when the password changes or the account is frozen."""
        found: int = self.rows("SELECT epoch FROM voters WHERE email = ?", voter.email)[0][0]
        return found

    def settled(self) -> None:
        """Wait until no request and no message is waiting in the outbox."""
        waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting'"
        eventually(lambda: self.rows(waiting) == [(0,)], "an empty outbox")

    def considered(self, count: int) -> None:
        """Wait until the courier has tried the given number of messages, with any result."""
        looked_at = "SELECT count(*) FROM outbox WHERE state != 'waiting' OR reason IS NOT NULL"
        eventually(lambda: self.rows(looked_at) == [(count,)], f"{count} parcels considered")

    def events(self, case: str) -> list[tuple[str, str | None]]:
        """Return the type and the reason of each event of a case, in the order of the journal."""
        return self.rows('SELECT act, reason FROM events WHERE "case" = ? ORDER BY id', case)

    def logs(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in sorted((self.folder / "logs").glob("*.log")))


def e164(phone: str) -> str:
    return parse_phone(phone, Policy().phone_codes).e164
