"""Records what every page told the voters, in a file outside the product and in memory."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock

from tests.conformance.html_page import HtmlPage

SAYS_NOTHING = {"not-known-yet", "page-unavailable"}
"""Ids of the refusals that do not say whether an action was done."""


class Told(StrEnum):
    """What the answer to a form says about the action."""

    DONE = "done"
    NOT_DONE = "not done"
    """The page said that nothing was lost or changed."""
    UNKNOWN = "unknown"
    """The page said that the result is not known yet, or there was no page."""
    REFUSED = "refused"
    """The page refused the action because of something that the voter did."""


class Act(StrEnum):
    """The actions of a voter."""

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
    """One attempt of a voter at an action.

    `about` is the token of a link, a case or a telephone. `typed` is what the voter typed, and `told` is what the page
    said.
    """

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
    """Every attempt in the order of the answers, and every answer with a server error.

    An answer 503 that says when to try again is not recorded as an error.
    """

    file: Path
    attempts: list[Attempt] = field(default_factory=list)
    without_retry: list[str] = field(default_factory=list)
    unavailable: int = 0
    _lock: Lock = field(default_factory=Lock)

    def add(
        self, act: Act, voter: str, about: str, typed: str, page: HtmlPage | None, *, site: str, began: float
    ) -> Attempt:
        """Record an attempt with the page that answered it, or with None if there was no page."""
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
        """Record the pages with a server error. Pages with status 503 are counted."""
        for page in pages:
            if page.status >= 500:
                with self._lock:
                    self.unavailable += page.status == 503
                    if page.status != 503 or not (page.header("Retry-After") or "").isdecimal():
                        self.without_retry.append(f"{page.status} {page.url}")

    def done_at(self, site: str) -> list[float]:
        """Return the times at which a host said that an action was done. Each action is a write."""
        return [each.ended for each in self.attempts if each.site == site and each.told is Told.DONE]

    def of(self, voter: str, act: Act) -> list[Attempt]:
        """Return the attempts of a voter at an action."""
        return [each for each in self.attempts if each.voter == voter and each.act is act]


def _told(act: Act, page: HtmlPage | None) -> Told:
    if page is None or page.refusal in SAYS_NOTHING or (page.status >= 500 and page.status != 503):
        return Told.UNKNOWN
    if page.status == 503:
        return Told.NOT_DONE
    return Told.DONE if page.step in STEPS_AFTER[act] and page.refusal is None else Told.REFUSED
