"""Simulated voters who repeat each request until it is answered, and record the answers."""

import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import Event
from urllib.parse import urlsplit

from conformance.html_page import HtmlPage
from core.adapters.key_vault import KeyVault
from tests.faults.reissue_requests import ReissueRequest, ReissueRequests
from tests.support.product import MESSAGE, DemoMail, DemoVoter, RunningProduct, SiteBrowser, eventually
from tests.support.product.waiting import DidNotHappen

PAUSE_SECONDS = 0.3
LONGEST_SECONDS = 180
SECONDS_FOR_A_LINK = 12
"""The time to wait for a mail: a killed courier's message is sent again when its claim has expired."""
NOT_NOW = 503


class WalkOutcome(StrEnum):
    """The outcome of one try at a new password, as the voter knows it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PERHAPS = "perhaps"
    """The link was found used after a lost answer: either this password was accepted or another one."""


@dataclass(frozen=True)
class Asked:
    """The site showed MP-4 with that case number, for a request between two moments of this machine's monotonic clock."""

    case: str
    began: float
    ended: float


@dataclass(frozen=True)
class Try:
    """A password posted behind a link."""

    token: str
    password: str
    told: WalkOutcome


@dataclass
class PersistentVoter:
    """One voter who uses whichever site answers."""

    voter: DemoVoter
    number: str
    """The voter's phone number, in E.164."""
    sites: Sequence[str]
    product: RunningProduct
    vault: KeyVault
    chance: Random
    over: Event
    session: str | None = None
    """The cookie ("name=value") of a voter who is signed in already and wants only an identifier."""
    asked: list[Asked] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    reissue_requests: list[ReissueRequest] = field(default_factory=list)
    _began: float = field(default=0.0, init=False)
    """Beginning of the present request."""

    def is_live(self, number: int) -> None:
        """Request and use links; some do so twice, some post two passwords on a link, some want an identifier."""
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
            if self.tries[-1].told is WalkOutcome.ACCEPTED and self.chance.random() < 2 / 3:
                self.get_identifier(self.tries[-1].password)

    def get_identifier(self, password: str) -> None:
        """Sign in and request a new identifier."""
        browser = SiteBrowser(self.sites[0])
        if self.session is None:
            self._insist(browser, lambda: browser.sign_in(self.voter.email, password))
        else:
            browser.store_cookie(self.session)
        errand = ReissueRequests(
            product=self.product,
            vault=self.vault,
            voter=self.voter,
            browser=browser,
            number=self.number,
            password=password,
            insist=self._insist,
            chance=self.chance,
        )
        self.reissue_requests += errand.run()

    def ask(self) -> None:
        """Go from MP-1 to MP-4, starting at the case's current step."""
        browser = SiteBrowser(self.sites[0])
        page = self._insist(browser, lambda: self._to_the_message(browser))
        assert page.case is not None
        self.asked.append(Asked(page.case, self._began, time.monotonic()))

    def _to_the_message(self, browser: SiteBrowser) -> HtmlPage:
        page = browser.get(MESSAGE)
        typed = {"MP-1": {"email": self.voter.email}, "MP-2": {"choice": "forgotten"}, "MP-3": {}}
        while page.status != NOT_NOW and page.step in typed:
            page = browser.post(urlsplit(page.url).path, typed[page.step])
        return page

    def choose(self, link: str, password: str) -> None:
        """Open the link and post the password until it is accepted or refused."""
        browser, cut = SiteBrowser(self.sites[0]), Event()

        def once() -> HtmlPage:
            if browser.held.get("link") is None:
                opened = browser.get(urlsplit(link).path)
                if opened.status == NOT_NOW:
                    return opened
            try:
                page = browser.submit_new_password(password)
            except (OSError, http.client.HTTPException):
                cut.set()
                raise
            if page.status == NOT_NOW:
                cut.set()  # the database lost what it had confirmed
            return page

        page = self._insist(browser, once)
        told = (
            WalkOutcome.ACCEPTED
            if page.step == "MP-7"
            else WalkOutcome.PERHAPS
            if cut.is_set()
            else WalkOutcome.REFUSED
        )
        assert told is WalkOutcome.ACCEPTED or page.refusal is not None, page.text
        self.tries.append(Try(link.rpartition("/")[2], password, told))

    def _insist(self, browser: SiteBrowser, act: Callable[[], HtmlPage]) -> HtmlPage:
        """Repeat the action until a site answers anything but "not now", and return the page."""

        def once() -> HtmlPage | None:
            browser.site = self.chance.choice(self.sites)
            self._began = time.monotonic()
            try:
                page = act()
            except (OSError, http.client.HTTPException):
                page = None
            if page is not None and page.status != NOT_NOW:
                return page
            time.sleep(PAUSE_SECONDS)
            return None

        return eventually(once, f"an answer to {self.voter.email}", LONGEST_SECONDS)

    def _links(self) -> list[DemoMail]:
        return [mail for mail in self.product.mails(self.voter.email) if "/lien/" in mail.link]

    def _next_link(self, there: int) -> str | None:
        try:
            return eventually(lambda: self._links()[there:], "a link", SECONDS_FOR_A_LINK)[-1].link
        except DidNotHappen:
            return None
