"""A simple model of an election, without states, versions or epochs, to compare the product with."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.flows.flow_handler import PENDING_LIFE, Visit
from core.ports import RollEntry
from core.text.text import TimeOfDay
from tests.support.election import CALENDAR, CLOSES

PAUSE = timedelta(minutes=3)


@dataclass
class ModelBrowser:
    """A browser in which someone typed an address, which may be shown only what was done in it."""

    held: Visit
    address: str
    typed: datetime
    """The time of its last action before the request."""
    number: str | None = None
    asked: datetime | None = None

    def forgotten(self, now: datetime) -> bool:
        """Tell whether the browser no longer has what was typed."""
        return self.asked is None and now >= self.typed + PENDING_LIFE

    def facts(self, now: datetime) -> dict[str, object]:
        """Return the facts that MP-4 shows them, without the sending delay."""
        assert self.asked is not None
        moments = {"asked_at": self.asked, "until": capped(self.asked, hours=4), "again_from": self.asked + PAUSE}
        read = {name: TimeOfDay(CALENDAR.to_local(at)) for name, at in moments.items()}
        return {"address": self.address, **read, "may_ask_again": now >= self.asked + PAUSE}


@dataclass
class ModelVoter:
    """A voter as known outside the product."""

    id: int
    line: RollEntry
    password: str | None = None
    frozen: bool = False
    removed: bool = False
    reopened: datetime | None = None
    life: int = 0
    """The number of times that all links and sessions of the voter were ended."""


@dataclass
class Given:
    """A link or session with its owner, the owner's `life` at the time, and its end."""

    token: str
    person: ModelVoter
    life: int
    until: datetime
    ended: bool = False

    def alive(self, now: datetime) -> bool:
        """Tell whether it should work."""
        return self.life == self.person.life and now < self.until and not self.ended


@dataclass
class Model:
    """All people, links and sessions."""

    people: list[ModelVoter] = field(default_factory=list)
    browsers: list[ModelBrowser] = field(default_factory=list)
    links: list[Given] = field(default_factory=list)
    sessions: list[Given] = field(default_factory=list)
    stops: list[tuple[str, ModelVoter, datetime]] = field(default_factory=list)
    """The tokens of notices, of whom, and when each change was made."""

    def at(self, address: str) -> ModelVoter | None:
        """Return the person with that address on the current roll."""
        return next((each for each in self.people if each.line.email == address and not each.removed), None)

    def alive(self, person: ModelVoter, now: datetime) -> int:
        """Return the number of the person's links that should work."""
        return sum(link.person is person and link.alive(now) for link in self.links)


def capped(at: datetime, **lasts: float) -> datetime:
    """Return the end of what is given out at that time, which is never after the vote."""
    return min(at + timedelta(**lasts), CLOSES)
