"""What is kept, and what a port of it begins with."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.platform import Registered
from core.ports import (
    Agent,
    Checkpoint,
    Delivery,
    Entry,
    Event,
    Gap,
    LinkRecord,
    Parcel,
    ParcelState,
    Recovery,
    ReissueRecord,
    Seal,
    SessionRecord,
    Spent,
    Voter,
)


@dataclass(slots=True)
class Shelf:
    """All that is kept: immutable records by key, so that a copy of the dictionaries is a snapshot."""

    voters: dict[int, Voter] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    recoveries: dict[bytes, Recovery] = field(default_factory=dict)
    links: dict[bytes, LinkRecord] = field(default_factory=dict)
    phones: dict[bytes, int] = field(default_factory=dict)
    reissues: dict[str, ReissueRecord] = field(default_factory=dict)
    awaited: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    registered: dict[str, Registered] = field(default_factory=dict)
    sessions: dict[bytes, SessionRecord] = field(default_factory=dict)
    parcels: dict[int, Parcel] = field(default_factory=dict)
    ends: dict[int, ParcelState] = field(default_factory=dict)
    ended: dict[int, datetime] = field(default_factory=dict)
    reasons: dict[int, str | None] = field(default_factory=dict)
    reports: dict[tuple[int, Delivery], datetime] = field(default_factory=dict)
    answers: dict[bytes, datetime] = field(default_factory=dict)
    spending: dict[tuple[date, str], Spent] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    seals: dict[int, Seal] = field(default_factory=dict)
    gaps: dict[int, Gap] = field(default_factory=dict)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    counters: dict[bytes, tuple[datetime, int]] = field(default_factory=dict)
    agents: dict[int, Agent] = field(default_factory=dict)
    whose: dict[str, int] = field(default_factory=dict)
    """Whose each case is, by its number."""

    def copy(self) -> "Shelf":
        """A snapshot."""
        return replace(self, **{name: dict(getattr(self, name)) for name in self.__slots__})


class Port:
    """A port over one draft of the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
