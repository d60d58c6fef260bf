"""Voters who do not give up: whatever dies under them, they press the button again and remember what they were told."""

import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import Event
from urllib.parse import urlsplit

from core.adapters.keys import KeyVault
from tests.faults.reissuing import Errand, Reissues
from tests.support.client import Page
from tests.support.product import MESSAGE, Browser, Mail, Product, Voter, eventually
from tests.support.product.waiting import DidNotHappen

PAUSE_SECONDS = 0.3
LONGEST_SECONDS = 60
SECONDS_FOR_A_LINK = 12
"""Then they go on with their day: a message that a killed courier had in hand comes when its claim has lapsed."""
NOT_NOW = 503


class Told(StrEnum):
    """How a try at a new password ended, as its voter knows it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PERHAPS = "perhaps"
    """The link was found used after an answer had been cut off: by this very password, or by another's."""


@dataclass(frozen=True)
class Asked:
    """The site said MP-4, under that case number; `at` is when, on this machine's monotonic clock."""

    case: str
    at: float


@dataclass(frozen=True)
class Try:
    """A password typed behind a link."""

    token: str
    password: str
    told: Told


@dataclass
class Insistent:
    """One voter's morning, at whichever site answers."""

    voter: Voter
    number: str
    """Of the telephone that they use, in E.164."""
    sites: Sequence[str]
    product: Product
    vault: KeyVault
    chance: Random
    over: Event
    session: str | None = None
    """Of whoever is signed in already, and comes for an identifier only: a cookie, "name=value"."""
    asked: list[Asked] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)

    def live(self, number: int) -> None:
        """Asks, follows the link, chooses; some do it twice, some post two passwords on one link, some need an identifier."""
        if self.session is not None:
            self.get_identifier("")
            return
        for again in range(self.chance.choice((1, 1, 2))):
            there = len(self._links())
            self.ask()
            link = self._next_link(there)
            if link is None or self.over.is_set():
                return
            self.choose(link, f"Orage calme {number} {again}")
            if self.chance.random() < 1 / 3:
                self.choose(link, f"Lavande bleue {number} {again}")
            if self.tries[-1].told is Told.ACCEPTED and self.chance.random() < 2 / 3:
                self.get_identifier(self.tries[-1].password)

    def get_identifier(self, password: str) -> None:
        """Signs in and goes for a new one."""
        browser = Browser(self.sites[0], set())
        if self.session is None:
            self._insist(browser, lambda: browser.sign_in(self.voter.email, password))
        else:
            browser.keep(self.session)
        errand = Reissues(
            product=self.product,
            vault=self.vault,
            voter=self.voter,
            browser=browser,
            number=self.number,
            password=password,
            insist=self._insist,
            chance=self.chance,
        )
        self.errands += errand.run()

    def ask(self) -> None:
        """From MP-1 to MP-4, by whatever step their case stands at."""
        browser = Browser(self.sites[0], set())
        page = self._insist(browser, lambda: self._to_the_message(browser))
        assert page.case is not None
        self.asked.append(Asked(page.case, time.monotonic()))

    def _to_the_message(self, browser: Browser) -> Page:
        page = browser.get(MESSAGE)
        typed = {"MP-1": {"email": self.voter.email}, "MP-2": {"choice": "forgotten"}, "MP-3": {}}
        while page.status != NOT_NOW and page.step in typed:
            page = browser.post(urlsplit(page.url).path, typed[page.step])
        return page

    def choose(self, link: str, password: str) -> None:
        """Opens the link and posts the password until somebody says yes or no."""
        browser, cut = Browser(self.sites[0], set()), Event()

        def once() -> Page:
            if browser.held.get("link") is None:
                opened = browser.get(urlsplit(link).path)
                if opened.status == NOT_NOW:
                    return opened
            try:
                page = browser.choose(password)
            except (OSError, http.client.HTTPException):
                cut.set()
                raise
            if page.status == NOT_NOW:
                cut.set()  # an answer that the database gave and lost
            return page

        page = self._insist(browser, once)
        told = Told.ACCEPTED if page.step == "MP-7" else Told.PERHAPS if cut.is_set() else Told.REFUSED
        assert told is Told.ACCEPTED or page.refusal is not None, page.text
        self.tries.append(Try(link.rpartition("/")[2], password, told))

    def _insist(self, browser: Browser, act: Callable[[], Page]) -> Page:
        """What the act shows, once a site answers anything but "not now"."""

        def once() -> Page | None:
            browser.site = self.chance.choice(self.sites)
            try:
                page = act()
            except (OSError, http.client.HTTPException):
                page = None
            if page is not None and page.status != NOT_NOW:
                return page
            time.sleep(PAUSE_SECONDS)
            return None

        return eventually(once, f"an answer to {self.voter.email}", LONGEST_SECONDS)

    def _links(self) -> list[Mail]:
        return [mail for mail in self.product.mails(self.voter.email) if "/lien/" in mail.link]

    def _next_link(self, there: int) -> str | None:
        try:
            return eventually(lambda: self._links()[there:], "a link", SECONDS_FOR_A_LINK)[-1].link
        except DidNotHappen:
            return None
