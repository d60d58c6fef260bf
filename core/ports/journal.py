from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

SETTLES_AFTER: Final = timedelta(minutes=1)
"""Maximum time between an event and the commit that stores the event.

After this time, the event can no longer appear in the journal.
"""


class Actor(StrEnum):
    VOTER = "voter"
    COURIER = "courier"
    OPERATOR = "operator"
    NETWORK = "network"
    SERVICE = "service"
    AGENT = "agent"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A journal event: who did what, in which case, and why. It contains no secrets and no readable personal data."""

    at: datetime
    actor: Actor
    act: str
    case: str | None = None
    voter: int | None = None
    reason: str | None = None
    agent: str | None = None
    credential: str | None = None
    """A digest of what the event is about, such as a new password, a phone number or an imported roll."""


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event with the number of its journal line. A line may be committed later than a line with a higher number."""

    line: int
    event: Event


class EventTypeCounts(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    """Number of the last settled journal line. The next count can begin after this line."""
    settled: Mapping[tuple[str, str | None], int]
    fresh: Mapping[tuple[str, str | None], int]


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Selects journal lines by case, voter, event type and agent. A field that is None does not restrict the selection."""

    case: str | None = None
    voter: int | None = None
    act: str | None = None
    agent: str | None = None
    failures: bool | None = None
    """True selects refusals and messages that were not delivered."""

    @property
    def names_file(self) -> bool:
        return self.case is not None or self.voter is not None


class Journal(Protocol):
    """The record of all events. Each event is stored in the same transaction as the change that it describes."""

    def write(self, event: Event) -> None: ...

    def of_case(self, number: str) -> list[Event]: ...

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]: ...

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        """Return the last journal lines about a voter and the voter's cases, oldest first."""

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        """Return the matching journal lines with numbers between `after` and `before`, latest first."""

    def bounced_mail_events(self, limit: int) -> list[RecordedEvent]: ...

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        """Return a CALL_NEEDED event for each voter whom the helpdesk must still call."""

    def last_line_before(self, moment: datetime) -> int:
        """Return the approximate number of the last journal line written before this time.

        Returns 0 if there is no such line.
        """

    def count_events(self, *, after: int, recent: datetime) -> EventTypeCounts:
        """Count the events in the journal lines with numbers above `after`.

        A line is settled if it and all earlier lines were written before `recent`. The other lines are fresh.
        """


class JournalLine(msgspec.Struct, frozen=True, gc=False):
    """A line of the journal as it is stored. Somebody may have tampered with it."""

    number: int
    columns: Mapping[str, object]
    genuine: bool = True
    """False if the line was checked and is not signed by a program of this election."""

    @property
    def act(self) -> object:
        return self.columns.get("act")


class JournalLineSeal(msgspec.Struct, frozen=True, gc=False):
    """An element of the hash chain: its position, a journal line, and a digest of all lines up to this line."""

    position: int
    line: int
    digest: bytes


class JournalLineGap(msgspec.Struct, frozen=True):
    """A range of line numbers that were missing when lines with higher numbers were sealed.

    The missing lines may still appear.
    """

    first: int
    last: int


class JournalChainEnd(msgspec.Struct, frozen=True):
    position: int
    digest: bytes
    reached: int
    """The highest line number among the sealed lines."""
    gaps: tuple[JournalLineGap, ...]
    """The ranges of line numbers below `reached` that are not sealed."""


class Backlog(msgspec.Struct, frozen=True):
    """The number of journal lines or messages that are waiting, and the time at which the oldest one was created."""

    waiting: int
    oldest: datetime | None


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed statement for the electoral board.

    It contains the length and the last digest of the journal's hash chain.
    """

    number: int
    statement: str
    signature: bytes


CHECKPOINT_CASES: Final = "0000-"
"""Prefix of the case numbers of checkpoint emails. It contains a zero, which never occurs in a voter's case number."""


class JournalChain(Protocol):
    """The hash chain of the journal.

    A journal line is added to the chain after the transaction that wrote it has ended.
    """

    def end(self) -> JournalChainEnd: ...

    def unsealed(self, end: JournalChainEnd, *, limit: int) -> list[JournalLine]:
        """Return journal lines that are not sealed yet. Lines in the gaps come first."""

    def seal(self, end: JournalChainEnd, seals: Sequence[JournalLineSeal], gaps: Sequence[JournalLineGap]) -> None:
        """Append seals to the hash chain. Raises ConflictError if the chain no longer ends at `end`."""

    def seals(self, *, after: int = 0) -> Iterator[tuple[JournalLineSeal, JournalLine | None]]:
        """Yield the seals after this position, each with its journal line. A missing line is yielded as None."""

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        """Yield the journal lines that have no seal and can no longer get one. An attacker may have inserted them."""

    def count_unsealed(self) -> Backlog: ...

    def count_unattested(self, *, after: int) -> Backlog:
        """Count the sealed journal lines after position `after` in the chain. Lines about checkpoints are not counted."""

    def sealed_interventions_and_alarms(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        """Return (position, line) pairs for the operator interventions and alarms that were sealed after `position`."""

    def digest_at(self, position: int) -> bytes | None: ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None: ...

    def checkpoint(self, number: int | None = None) -> Checkpoint | None: ...

    def checkpoints(self) -> list[Checkpoint]: ...
