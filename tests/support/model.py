"""A simple model of an election, without states, versions or epochs. Tests compare the product with the model."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.flows.flow_handler import PENDING_LIFE, Visit
from core.ports import RollEntry
from core.text.text import Moment, TimeOfDay
from tests.support.election import CALENDAR, CLOSES

PAUSE = timedelta(minutes=3)


@dataclass
class ModelBrowser:
    """A browser in which a visitor typed an address. Its pages must show only what the visitor did in it."""

    held: Visit
    address: str
    typed: datetime
    """Time of the visitor's last action before the request."""
    number: str | None = None
    asked: datetime | None = None
    again_from: datetime | None = None
    """Time from which another request is accepted."""

    def forgotten(self, now: datetime) -> bool:
        """Return whether the browser no longer has the typed address."""
        return self.asked is None and now >= self.typed + PENDING_LIFE

    def facts(self, now: datetime) -> dict[str, object]:
        """Return the values that MP-4 should show, except its sentences and the sending delay."""
        assert self.asked is not None
        assert self.again_from is not None
        moments = {"asked_at": self.asked, "until": capped(self.asked, hours=4), "again_from": self.again_from}
        kinds = {"until": Moment}
        read = {name: kinds.get(name, TimeOfDay)(CALENDAR.to_local(at)) for name, at in moments.items()}
        return {"address": self.address, **read, "may_ask_again": now >= self.again_from}


@dataclass
class ModelVoter:
    id: int
    line: RollEntry
    password: str | None = None
    frozen: bool = False
    removed: bool = False
    reopened: datetime | None = None
    life: int = 0
    """Number of times that all links and sessions of the voter were ended."""


@dataclass
class Given:
    """A link or session with its owner. `life` is the owner's `life` when it was made. `until` is its end."""

    token: str
    person: ModelVoter
    life: int
    until: datetime
    ended: bool = False

    def alive(self, now: datetime) -> bool:
        """Return whether the link or session should work."""
        return self.life == self.person.life and now < self.until and not self.ended


@dataclass
class Model:
    people: list[ModelVoter] = field(default_factory=list)
    browsers: list[ModelBrowser] = field(default_factory=list)
    links: list[Given] = field(default_factory=list)
    sessions: list[Given] = field(default_factory=list)
    stops: list[tuple[str, ModelVoter, datetime]] = field(default_factory=list)
    """For each notice, the token of its link, the voter, and the time of the change."""

    def at(self, address: str) -> ModelVoter | None:
        """Return the person who has the given address on the current roll."""
        return next((each for each in self.people if each.line.email == address and not each.removed), None)

    def alive(self, person: ModelVoter, now: datetime) -> int:
        """Return how many links of a person should work."""
        return sum(link.person is person and link.alive(now) for link in self.links)


def capped(at: datetime, **lasts: float) -> datetime:
    """Return the end of a link or session that was made at a given time. It is never after the end of the vote."""
    return min(at + timedelta(**lasts), CLOSES)
