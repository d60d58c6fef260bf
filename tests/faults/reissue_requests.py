"""Simulated voters request new identifiers from whichever site answers, and record the answers."""

import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from threading import Event

from conformance.html_page import HtmlPage
from core.adapters.key_vault import KeyVault
from core.security.security_codes import security_code
from tests.support.product import DemoVoter, RunningProduct, SiteBrowser, eventually
from tests.support.product.reissuing import CODE, SENDING
from tests.support.product.waiting import DidNotHappen

BEGIN, IDENTITY = "/identifiant/demande", "/identifiant/identite"
SECONDS_FOR_A_CODE = 10
SECONDS_FOR_AN_ANSWER = 4
ORDINALS = range(1, 6)
UNDER_WAY = frozenset({"ID-4", "ID-5", "ID-6"})


class ReissueOutcome(StrEnum):
    """The outcome of one request for an identifier, as the voter knows it."""

    ACCEPTED = "accepted"
    """The page said that the identifier is on its way."""
    REFUSED = "refused"
    NO_CODE = "no-code"
    """No code came while the voter waited."""
    PERHAPS = "perhaps"
    """The answer was lost and the pages were never seen again."""


@dataclass(frozen=True)
class ReissueRequest:
    """One request for an identifier: its case, its phone number and its outcome."""

    voter: DemoVoter
    case: str
    number: str
    word: ReissueOutcome


@dataclass
class ReissueRequests:
    """One signed-in voter's requests at `browser`; `insist` repeats an action until a site answers."""

    product: RunningProduct
    vault: KeyVault
    voter: DemoVoter
    browser: SiteBrowser
    number: str
    password: str
    insist: Callable[[SiteBrowser, Callable[[], HtmlPage]], HtmlPage]
    chance: Random

    def run(self) -> Iterator[ReissueRequest]:
        """Request an identifier, type the code, and return the outcome, or None where no code may be requested."""
        page = self.insist(self.browser, self._to_the_code)
        if page.step == "ID-3" and page.case is not None:
            yield ReissueRequest(self.voter, page.case, self.number, self._give_back(page.case))

    def _give_back(self, case: str) -> ReissueOutcome:
        code = self._code(case)
        if code is None:
            return ReissueOutcome.NO_CODE
        if self.chance.random() < 1 / 4 and self._answered(code):
            return ReissueOutcome.ACCEPTED
        return self._type(code)

    def _type(self, code: str) -> ReissueOutcome:
        cut = Event()

        def once() -> HtmlPage:
            try:
                return self.browser.post(CODE, {"code": code})
            except (OSError, http.client.HTTPException):
                cut.set()
                raise

        page = self.insist(self.browser, once)
        if page.step in UNDER_WAY:
            return ReissueOutcome.ACCEPTED
        return ReissueOutcome.PERHAPS if cut.is_set() else ReissueOutcome.REFUSED

    def _to_the_code(self) -> HtmlPage:
        """Go to the code's step from the current one, signing in again if a crash lost the session."""
        page = self.browser.post(BEGIN, {"choice": "request"})
        if page.refusal == "sign-in-needed":
            self.browser.sign_in(self.voter.email, self.password)
            page = self.browser.post(BEGIN, {"choice": "request"})
        if page.step == "ID-2":
            year, month, day = self.voter.birth_date.split("-")
            born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
            page = self.browser.post(IDENTITY, {**born, "phone": self.number, "numen": self.voter.numen})
        return page

    def _code(self, case: str) -> str | None:
        """Return the code of that case from the phone, which may hold codes of other cases."""
        ours = {security_code(self.vault, case, self.voter.email, ordinal) for ordinal in ORDINALS}

        def arrived() -> str | None:
            texts = [text.text for text in self.product.texts(self.number)]
            return next((code for text in texts for code in ours if f"#{code}" in text), None)

        try:
            return eventually(arrived, "a code", SECONDS_FOR_A_CODE)
        except DidNotHappen:
            return None

    def _answered(self, code: str) -> bool:
        """Answer by SMS, and tell whether the page moves on by itself."""
        self.product.answer(self.number, code)

        def moved() -> bool:
            return self.insist(self.browser, lambda: self.browser.get(SENDING)).step in UNDER_WAY

        try:
            return eventually(moved, "a page that moved", SECONDS_FOR_AN_ANSWER)
        except DidNotHappen:
            return False
