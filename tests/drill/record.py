"""The record of what every page told, kept outside the product, in a file and in memory."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock

from tests.conformance.html_page import HtmlPage

SAYS_NOTHING = {"not-known-yet", "page-unavailable"}
"""The refusals that do not say whether an act was done."""


class Told(StrEnum):
    """Statements of a form's answer about the act."""

    DONE = "done"
    NOT_DONE = "not done"
    """The page said that nothing was lost or changed."""
    UNKNOWN = "unknown"
    """The page said that it is not known yet, or no page came."""
    REFUSED = "refused"
    """The page refused the act for a reason that is the voter's."""


class Act(StrEnum):
    """Acts of voters."""

    ASK = "ask for a link"
    CHOOSE = "choose a password"
    SIGN_IN = "sign in"
    IDENTIFY = "identify"
    CODE = "type the code"


STEPS_AFTER = {
    Act.ASK: {"MP-4"},
    Act.CHOOSE: {"MP-7"},
    Act.SIGN_IN: {"EV-1"},
    Act.IDENTIFY: {"ID-3"},
    Act.CODE: {"ID-4", "ID-5", "ID-6"},
}


@dataclass(frozen=True)
class Attempt:
    """One try of a voter: what it was about (a link's token, a case, a telephone), what was typed, what was told."""

    act: Act
    voter: str
    about: str
    typed: str
    told: Told
    case: str | None
    step: str | None
    refusal: str | None
    status: int | None
    site: str
    began: float
    ended: float


@dataclass
class Record:
    """Every attempt, in the order of the answers, and every answer of 5xx but a 503 that says when to come back."""

    file: Path
    attempts: list[Attempt] = field(default_factory=list)
    without_retry: list[str] = field(default_factory=list)
    unavailable: int = 0
    _lock: Lock = field(default_factory=Lock)

    def add(
        self, act: Act, voter: str, about: str, typed: str, page: HtmlPage | None, *, site: str, began: float
    ) -> Attempt:
        """Note the page that came, or that none came."""
        attempt = Attempt(
            act=act,
            voter=voter,
            about=about,
            typed=typed,
            told=_told(act, page),
            case=None if page is None else page.case,
            step=None if page is None else page.step,
            refusal=None if page is None else page.refusal,
            status=None if page is None else page.status,
            site=site,
            began=began,
            ended=time.monotonic(),
        )
        with self._lock:
            self.attempts.append(attempt)
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(attempt)) + "\n")
        return attempt

    def look(self, pages: Sequence[HtmlPage]) -> None:
        """Note the answers of 503 among these, and those of other troubles of the server."""
        for page in pages:
            if page.status >= 500:
                with self._lock:
                    self.unavailable += page.status == 503
                    if page.status != 503 or not (page.header("Retry-After") or "").isdecimal():
                        self.without_retry.append(f"{page.status} {page.url}")

    def done_at(self, site: str) -> list[float]:
        """Return the instants at which that host told that an act was done; each act is a write."""
        return [each.ended for each in self.attempts if each.site == site and each.told is Told.DONE]

    def of(self, voter: str, act: Act) -> list[Attempt]:
        """Return the attempts of that voter at that act."""
        return [each for each in self.attempts if each.voter == voter and each.act is act]


def _told(act: Act, page: HtmlPage | None) -> Told:
    if page is None or page.refusal in SAYS_NOTHING or (page.status >= 500 and page.status != 503):
        return Told.UNKNOWN
    if page.status == 503:
        return Told.NOT_DONE
    return Told.DONE if page.step in STEPS_AFTER[act] and page.refusal is None else Told.REFUSED
