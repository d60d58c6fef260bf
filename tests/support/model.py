"""What ought to be true of an election, in a few lines that know nothing of states, versions or epochs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.ports import Entry
from core.text import TimeOfDay
from tests.support.election import CALENDAR, CLOSES

PAUSE = timedelta(minutes=3)


@dataclass
class Browser:
    """Someone who typed an address: what they did is all that they may be shown."""

    handle: str
    address: str
    number: str
    asked: datetime | None = None

    def facts(self, now: datetime) -> dict[str, object]:
        """What MP-4 says to them, but for the delay that everyone meets."""
        assert self.asked is not None
        moments = {"asked_at": self.asked, "until": capped(self.asked, hours=4), "again_from": self.asked + PAUSE}
        read = {name: TimeOfDay(CALENDAR.local(at)) for name, at in moments.items()}
        return {"address": self.address, **read, "may_ask_again": now >= self.asked + PAUSE}


@dataclass
class Person:
    """A voter, as the world outside knows them."""

    id: int
    line: Entry
    password: str | None = None
    frozen: bool = False
    removed: bool = False
    life: int = 0
    """Another begins with everything that ends what was given out before."""


@dataclass
class Given:
    """A link or a session: whose it is, in which of their lives, and until when."""

    token: str
    person: Person
    life: int
    until: datetime
    ended: bool = False

    def alive(self, now: datetime) -> bool:
        """Whether it should work."""
        return self.life == self.person.life and now < self.until and not self.ended


@dataclass
class Model:
    """Everybody, and all that was given out."""

    people: list[Person] = field(default_factory=list)
    browsers: list[Browser] = field(default_factory=list)
    links: list[Given] = field(default_factory=list)
    sessions: list[Given] = field(default_factory=list)
    stops: list[tuple[str, Person]] = field(default_factory=list)

    def at(self, address: str) -> Person | None:
        """Who has that address on the present roll."""
        return next((each for each in self.people if each.line.email == address and not each.removed), None)

    def alive(self, person: Person, now: datetime) -> int:
        """How many links of that person should work."""
        return sum(link.person is person and link.alive(now) for link in self.links)


def capped(at: datetime, **lasts: float) -> datetime:
    """When what is given out at that moment ends: never after the vote."""
    return min(at + timedelta(**lasts), CLOSES)
