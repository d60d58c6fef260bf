"""Voters who go through both flows on any host that answers, and record what every page tells them."""

import http.client
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event
from urllib.parse import urlsplit

from core.adapters.key_vault import KeyVault
from core.security.security_codes import security_code
from tests.conformance.html_page import HtmlPage
from tests.drill.record import STEPS_AFTER, Act, Attempt, Record, Told
from tests.support.product import MESSAGE, DemoMail, DemoVoter, DidNotHappen, RunningProduct, SiteBrowser, eventually
from tests.support.product.site import CODE, SENDING

BEGIN, IDENTITY = "/identifiant/demande", "/identifiant/identite"
PAUSE_SECONDS = 0.3
LONGEST_SECONDS = 300
SECONDS_FOR_A_MESSAGE = 30
SECONDS_FOR_AN_ANSWER = 4
ORDINALS = range(1, 6)
NOT_NOW = 503
MOST_IDENTIFIERS = 3


@dataclass
class DrilledVoter:
    """A voter in a drill. `number` is the telephone number in the form E.164."""

    voter: DemoVoter
    number: str
    sites: Sequence[str]
    product: RunningProduct
    vault: KeyVault
    record: Record
    chance: Random
    over: Event
    session: str | None = None
    """Cookie, as "name=value", of a voter who is already signed in and wants only an identifier."""
    answers_by_sms: bool = False
    """Whether the voter sends every fourth code back by SMS first."""
    answered_by_sms: set[str] = field(default_factory=set)
    """Cases whose code the voter has sent back by SMS."""
    password: str = ""
    """Password that is in force according to the pages."""
    typed: int = 0

    def live(self) -> None:
        """Choose passwords with one or two links, and then request up to four identifiers."""
        browser = self._browser()
        if self.session is not None:
            browser.store_cookie(self.session)
        for _ in range(self.chance.choice((1, 1, 2)) if self.session is None else 0):
            if self.over.is_set() or not self.renew_password():
                return
        for _ in range(self.chance.choice((1, 2, MOST_IDENTIFIERS + 1))):
            if self.over.is_set() or not self.get_identifier(browser):
                return

    # ── The forgotten password ───────────────────────────────────────────────────────────────────────────

    def renew_password(self) -> bool:
        """Request a link, and choose a password with it. Returns whether the voter has a password."""
        there = len(self.product.links(self.voter))
        browser = self._browser()
        self._insist(Act.ASK, browser, "", lambda: ("", self._to_the_message(browser)))
        try:
            mail = eventually(lambda: self.product.links(self.voter)[there:], "a link", SECONDS_FOR_A_MESSAGE)[-1]
        except DidNotHappen:
            return False
        attempts = self._use(mail)
        if self.chance.random() < 1 / 3:
            attempts += self._use(mail)
        chosen = [each.typed for each in attempts if each.told is Told.DONE]
        chosen += [each.typed for each in attempts if each.told is Told.UNKNOWN]
        self.password = chosen[0] if chosen else self.password
        return bool(self.password)

    def _use(self, mail: DemoMail) -> list[Attempt]:
        """Choose a password with a link, which may have been used before."""
        browser, link = self._browser(), urlsplit(mail.link).path
        return self._insist(Act.CHOOSE, browser, mail.token, lambda: self._choose(browser, link))

    def _to_the_message(self, browser: SiteBrowser) -> HtmlPage:
        page = browser.get(MESSAGE)
        typed = {"MP-1": {"email": self.voter.email}, "MP-2": {"choice": "forgotten"}, "MP-3": {}}
        while page.status != NOT_NOW and page.step in typed:
            page = browser.post(urlsplit(page.url).path, typed[page.step])
        return page

    def _choose(self, browser: SiteBrowser, link: str) -> tuple[str, HtmlPage]:
        """Submit a new password. It differs each time, so that the password in force shows which attempt succeeded."""
        if browser.held.get("link") is None:
            opened = browser.get(link)
            if opened.status == NOT_NOW:
                return "", opened
        self.typed += 1
        password = f"Orage calme {self.typed:04d}"
        return password, browser.submit_new_password(password)

    # ── The identifier ───────────────────────────────────────────────────────────────────────────────────

    def get_identifier(self, browser: SiteBrowser) -> bool:
        """Sign in if necessary, prove the identity, and type the code. Returns whether another identifier is possible."""
        identified = self._insist(Act.IDENTIFY, browser, self.number, lambda: ("", self._to_the_code(browser)))[-1]
        if identified.step != "ID-3" or identified.case is None:
            return False
        code = self._code(identified.case)
        if code is None:
            return False
        if self.answers_by_sms and self.chance.random() < 1 / 4:
            self.answered_by_sms.add(identified.case)
            self.product.answer(self.number, code)
            self._comes_to(STEPS_AFTER[Act.CODE], browser, SECONDS_FOR_AN_ANSWER)
        attempts = self._insist(Act.CODE, browser, identified.case, lambda: self._type(browser, code))
        return attempts[-1].told is Told.DONE and self._comes_to({"ID-5", "ID-6"}, browser, SECONDS_FOR_A_MESSAGE)

    def _to_the_code(self, browser: SiteBrowser) -> HtmlPage:
        page = browser.post(BEGIN, {"choice": "request"})
        if page.refusal == "sign-in-needed":
            began = time.monotonic()
            page = browser.sign_in(self.voter.email, self.password)
            self.record.add(Act.SIGN_IN, self.voter.email, "", self.password, page, site=browser.site, began=began)
            if page.step == "EV-1":
                page = browser.post(BEGIN, {"choice": "request"})
        if page.step == "ID-2" and page.status != NOT_NOW:
            year, month, day = self.voter.birth_date.split("-")
            born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
            page = browser.post(IDENTITY, {**born, "phone": self.number, "numen": self.voter.numen})
        return page

    def _code(self, case: str) -> str | None:
        ours = {security_code(self.vault, case, self.voter.email, ordinal) for ordinal in ORDINALS}

        def arrived() -> str | None:
            texts = [text.text for text in self.product.texts(self.number)]
            return next((code for text in texts for code in ours if f"#{code}" in text), None)

        try:
            return eventually(arrived, "a code", SECONDS_FOR_A_MESSAGE)
        except DidNotHappen:
            return None

    def _type(self, browser: SiteBrowser, code: str) -> tuple[str, HtmlPage]:
        """Open the page of the case, and type the code if the page asks for it. Returns the typed code and the page."""
        page = browser.get(SENDING)
        return (
            (code, browser.post(CODE, {"code": code})) if page.step == "ID-3" and page.status != NOT_NOW else ("", page)
        )

    def _comes_to(self, steps: Collection[str], browser: SiteBrowser, seconds: float) -> bool:
        """Wait until the case is at one of some steps. Returns whether it is."""

        def there() -> bool:
            with suppress(OSError, http.client.HTTPException):
                return browser.get(SENDING).step in steps
            return False

        try:
            return eventually(there, "an identifier", seconds)
        except DidNotHappen:
            return False

    # ── Repeated attempts ────────────────────────────────────────────────────────────────────────────────

    def _browser(self) -> SiteBrowser:
        return SiteBrowser(self.chance.choice(self.sites))

    def _insist(
        self, act: Act, browser: SiteBrowser, about: str, once: Callable[[], tuple[str, HtmlPage]]
    ) -> list[Attempt]:
        """Repeat an action on other hosts, until a page says that it is done or refused. Returns every attempt."""
        attempts: list[Attempt] = []

        def tried() -> list[Attempt]:
            began, seen = time.monotonic(), len(browser.answers)
            typed = f"Orage calme {self.typed + 1:04d}" if act is Act.CHOOSE else ""
            try:
                typed, page = once()
            except (OSError, http.client.HTTPException):
                page = None
            self.record.look(browser.answers[seen:])
            attempts.append(self.record.add(act, self.voter.email, about, typed, page, site=browser.site, began=began))
            if attempts[-1].told in {Told.DONE, Told.REFUSED}:
                return attempts
            browser.site = self.chance.choice(self.sites)
            time.sleep(PAUSE_SECONDS)
            return []

        return eventually(tried, f"an answer to {self.voter.email}", LONGEST_SECONDS)
