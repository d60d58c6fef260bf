from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

SETTLES_AFTER: Final = timedelta(minutes=1)
"""Longest time between an event and the commit that stores the event."""


class Actor(StrEnum):
    VOTER = "voter"
    COURIER = "courier"
    OPERATOR = "operator"
    NETWORK = "network"
    SERVICE = "service"
    AGENT = "agent"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A journal event. It must contain no secrets and no readable personal data."""

    at: datetime
    actor: Actor
    act: str
    case: str | None = None
    voter: int | None = None
    reason: str | None = None
    agent: str | None = None
    credential: str | None = None
    """Digest of the password, phone number or roll that the event concerns."""


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event with the number of its journal line."""

    line: int
    event: Event


class EventTypeCounts(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    """Number of the last journal line counted in `settled`."""
    settled: Mapping[tuple[str, str | None], int]
    fresh: Mapping[tuple[str, str | None], int]


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Selects journal lines. A field that is None does not restrict the selection."""

    case: str | None = None
    voter: int | None = None
    act: str | None = None
    agent: str | None = None
    failures: bool | None = None
    """True selects refusals and undelivered messages."""

    @property
    def names_file(self) -> bool:
        return self.case is not None or self.voter is not None


class Journal(Protocol):
    """Stores each event in the same transaction as the change that it describes."""

    def write(self, event: Event) -> None: ...

    def of_case(self, number: str) -> list[Event]: ...

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]: ...

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        """Return up to `limit` recent journal lines about a voter and the voter's cases, oldest first."""

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        """Return the matching journal lines with numbers between `after` and `before`, latest first."""

    def bounced_mail_events(self, limit: int) -> list[RecordedEvent]: ...

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        """Return a CALL_NEEDED event for each voter whom the helpdesk must still call."""

    def last_line_before(self, moment: datetime) -> int:
        """Return roughly the number of the last journal line before `moment`, or 0."""

    def count_events(self, *, after: int, recent: datetime) -> EventTypeCounts:
        """Count the events after line `after`. Events since `recent` are counted separately."""


class JournalLine(msgspec.Struct, frozen=True, gc=False):
    """A journal line as stored. Somebody may have tampered with it."""

    number: int
    columns: Mapping[str, object]
    genuine: bool = True
    """False if a check found no valid signature."""

    @property
    def act(self) -> object:
        return self.columns.get("act")


class JournalLineSeal(msgspec.Struct, frozen=True, gc=False):
    """An entry in the hash chain. `digest` covers all sealed lines up to this one."""

    position: int
    line: int
    digest: bytes


class JournalLineGap(msgspec.Struct, frozen=True):
    """A range of line numbers that were missing when later lines were sealed."""

    first: int
    last: int


class JournalChainEnd(msgspec.Struct, frozen=True):
    position: int
    digest: bytes
    reached: int
    """Highest sealed line number."""
    gaps: tuple[JournalLineGap, ...]
    """Line numbers below `reached` that are not sealed."""


class Backlog(msgspec.Struct, frozen=True):
    """The number of waiting lines or messages, and the creation time of the oldest."""

    waiting: int
    oldest: datetime | None


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed statement for the electoral board about the journal's hash chain."""

    number: int
    statement: str
    signature: bytes


CHECKPOINT_CASES: Final = "0000-"
"""Prefix of the case numbers of checkpoint emails. No voter's case number contains a zero."""


class JournalChain(Protocol):
    """The journal's hash chain. Lines are added after their transaction has ended."""

    def end(self) -> JournalChainEnd: ...

    def unsealed(self, end: JournalChainEnd, *, limit: int) -> list[JournalLine]:
        """Return unsealed journal lines. Lines in the gaps come first."""

    def seal(self, end: JournalChainEnd, seals: Sequence[JournalLineSeal], gaps: Sequence[JournalLineGap]) -> None:
        """Append seals to the hash chain. Raises ConflictError if `end` is outdated."""

    def seals(self, *, after: int = 0) -> Iterator[tuple[JournalLineSeal, JournalLine | None]]:
        """Yield (seal, line) pairs after position `after`. A missing line is None."""

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        """Yield lines that can no longer be sealed. An attacker may have inserted them."""

    def count_unsealed(self) -> Backlog: ...

    def count_unattested(self, *, after: int) -> Backlog:
        """Count the sealed lines after position `after`, except lines about checkpoints."""

    def sealed_interventions_and_alarms(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        """Return the sealed operator interventions and alarms as (position, line) pairs."""

    def digest_at(self, position: int) -> bytes | None: ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None: ...

    def checkpoint(self, number: int | None = None) -> Checkpoint | None: ...

    def checkpoints(self) -> list[Checkpoint]: ...
