"""The insistent voter's second errand: a new identifier, by whichever site answers and whatever becomes of the SMS."""

import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from threading import Event

from core.adapters.keys import KeyVault
from core.codes import code_of
from tests.support.client import Page
from tests.support.product import Browser, Product, Voter, eventually
from tests.support.product.reissuing import CODE, SENDING
from tests.support.product.waiting import DidNotHappen

BEGIN, IDENTITY = "/identifiant/demande", "/identifiant/identite"
SECONDS_FOR_A_CODE = 10
SECONDS_FOR_AN_ANSWER = 4
ORDINALS = range(1, 6)
UNDER_WAY = frozenset({"ID-4", "ID-5", "ID-6"})


class Word(StrEnum):
    """How an errand ended, as its voter knows it."""

    ACCEPTED = "accepted"
    """The page says that the identifier is on its way."""
    REFUSED = "refused"
    NO_CODE = "no-code"
    """None came while they waited: they went on with their day."""
    PERHAPS = "perhaps"
    """The answer was cut off, and the pages were never seen again."""


@dataclass(frozen=True)
class Errand:
    """One errand: in which case, to which number, and what its voter was told."""

    voter: Voter
    case: str
    number: str
    word: Word


@dataclass
class Reissues:
    """What one voter does at `browser`, signed in. `insist` repeats an act until a site answers."""

    product: Product
    vault: KeyVault
    voter: Voter
    browser: Browser
    number: str
    password: str
    insist: Callable[[Browser, Callable[[], Page]], Page]
    chance: Random

    def run(self) -> Iterator[Errand]:
        """Asks, says who they are, gives the code back, and looks where it stands; nothing where no code may be asked for."""
        page = self.insist(self.browser, self._to_the_code)
        if page.step == "ID-3" and page.case is not None:
            yield Errand(self.voter, page.case, self.number, self._give_back(page.case))

    def _give_back(self, case: str) -> Word:
        code = self._code(case)
        if code is None:
            return Word.NO_CODE
        if self.chance.random() < 1 / 4 and self._answered(code):
            return Word.ACCEPTED
        return self._type(code)

    def _type(self, code: str) -> Word:
        cut = Event()

        def once() -> Page:
            try:
                return self.browser.post(CODE, {"code": code})
            except (OSError, http.client.HTTPException):
                cut.set()
                raise

        page = self.insist(self.browser, once)
        if page.step in UNDER_WAY:
            return Word.ACCEPTED
        return Word.PERHAPS if cut.is_set() else Word.REFUSED

    def _to_the_code(self) -> Page:
        """By whatever step the case stands at; signed in again where a crash took the session."""
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
        """That of this case, once it is on the telephone: others may await theirs from the same one."""
        ours = {code_of(self.vault, case, ordinal) for ordinal in ORDINALS}

        def arrived() -> str | None:
            texts = [text.text for text in self.product.texts(self.number)]
            return next((code for text in texts for code in ours if f"#{code}" in text), None)

        try:
            return eventually(arrived, "a code", SECONDS_FOR_A_CODE)
        except DidNotHappen:
            return None

    def _answered(self, code: str) -> bool:
        """By SMS; whether the page moves on by itself."""
        self.product.answer(self.number, code)

        def moved() -> bool:
            return self.insist(self.browser, lambda: self.browser.get(SENDING)).step in UNDER_WAY

        try:
            return eventually(moved, "a page that moved", SECONDS_FOR_AN_ANSWER)
        except DidNotHappen:
            return False
