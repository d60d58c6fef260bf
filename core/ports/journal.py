"""The journal's events, the queries over them, and the chain of seals and checkpoints that protects them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

SETTLES_AFTER: Final = timedelta(minutes=1)
"""Maximum time from an event to the commit of its line. No line older than this can still appear."""


class Actor(StrEnum):
    VOTER = "voter"
    COURIER = "courier"
    OPERATOR = "operator"
    """The operator, running commands on the server."""
    NETWORK = "network"
    """The mobile operator, reporting on an SMS."""
    SERVICE = "service"
    """The service itself, raising an alarm."""
    AGENT = "agent"
    """An agent, named in `agent`."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event (rule 12): who did what, in which case, and why. Holds no secrets and no clear personal data."""

    at: datetime
    actor: Actor
    act: str
    """An EventType, or the name of an event defined by a flow."""
    case: str | None = None
    voter: int | None = None
    reason: str | None = None
    agent: str | None = None
    credential: str | None = None
    """A keyed digest: of the voter's new password hash, of the claimed phone number, or of the imported roll.

    For a closed session: the digest of its token.
    """


class RecordedEvent(msgspec.Struct, frozen=True):
    """A numbered line of the journal. Lines with smaller numbers may still be committed later."""

    line: int
    event: Event


class EventTypeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of events by type, with the reason for types in REASONED.

    `settled` counts the lines up to `line`, to which no line can be added any more. `fresh` counts the later lines.
    """

    line: int
    settled: Mapping[tuple[str, str | None], int]
    fresh: Mapping[tuple[str, str | None], int]


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Filter on case, voter (with their cases), event type and agent. By default, selects all lines."""

    case: str | None = None
    voter: int | None = None
    act: str | None = None
    agent: str | None = None

    @property
    def names_file(self) -> bool:
        """True if the filter selects one case or voter, which an index supports."""
        return self.case is not None or self.voter is not None


class Journal(Protocol):
    """The record of events. Each event is written in the transaction of its act and never changed."""

    def write(self, event: Event) -> None: ...

    def of_case(self, number: str) -> list[Event]: ...

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]:
        """Return the case's latest lines, oldest first."""

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        """Return the latest lines of a voter and of all cases known to be theirs, oldest first."""

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        """Return the latest matching lines between two line numbers, latest first."""

    def bounced_mail_events(self, limit: int) -> list[RecordedEvent]:
        """Return the latest MAIL_BOUNCED lines, latest first."""

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        """Return the first CALL_NEEDED line of each voter who has neither called nor received an identifier since."""

    def last_line_before(self, moment: datetime) -> int:
        """Return the number of the last line written before that time, approximately, or 0 if there is none."""

    def count_events(self, *, after: int, recent: datetime) -> EventTypeCounts:
        """Count the lines after line `after`. A line is settled if it and all earlier lines are older than `recent`.

        Lines are numbered before their transactions commit, so a line with a smaller number may still appear.
        """


class JournalLine(msgspec.Struct, frozen=True, gc=False):
    """A line of the journal as stored, even if it was tampered with. `columns` has the field names of Event."""

    number: int
    columns: Mapping[str, object]

    @property
    def act(self) -> object:
        return self.columns.get("act")


class JournalLineSeal(msgspec.Struct, frozen=True, gc=False):
    """A link of the chain: its position, its line, and the digest of all lines so far (`core.journal`)."""

    position: int
    line: int
    digest: bytes


class JournalLineGap(msgspec.Struct, frozen=True):
    """Line numbers that were missing when later lines were sealed: rolled back, or in a slow transaction."""

    first: int
    last: int


class JournalChainEnd(msgspec.Struct, frozen=True):
    """The chain's last position and digest, the highest sealed line, and the gaps below it."""

    position: int
    digest: bytes
    reached: int
    gaps: tuple[JournalLineGap, ...]


class Backlog(msgspec.Struct, frozen=True):
    """The number of waiting lines or messages, and the creation time of the oldest."""

    waiting: int
    oldest: datetime | None


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed statement of the end of the chain, for the electoral board."""

    number: int
    statement: str
    signature: bytes


CHECKPOINT_CASES: Final = "0000-"
"""Prefix of the case number of a checkpoint mail. Voters' case numbers contain no zero (`core.security.tokens`)."""


class JournalChain(Protocol):
    """The journal's append-only chain. Every line gets one position in it, some time after its transaction."""

    def end(self) -> JournalChainEnd:
        """Return the end of the chain; position 0 if the chain is empty."""

    def unsealed(self, end: JournalChainEnd, *, limit: int) -> list[JournalLine]:
        """Return the first unsealed lines: late lines in the gaps, then lines after `reached`."""

    def seal(self, end: JournalChainEnd, seals: Sequence[JournalLineSeal], gaps: Sequence[JournalLineGap]) -> None:
        """Extend the chain. Raises ConflictError unless it still ends at `end`."""

    def seals(self, *, after: int = 0) -> Iterator[tuple[JournalLineSeal, JournalLine | None]]:
        """Yield the seals after that position, each with its line, or None if the line is missing."""

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        """Yield lines that will never be sealed: not yet sealed, but neither after `reached` nor in a gap."""

    def count_unsealed(self) -> Backlog: ...

    def count_unattested(self, *, after: int) -> Backlog:
        """Count the sealed lines after that position, except those about checkpoints."""

    def sealed_interventions_and_alarms(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        """Return the sealed REPORTED_AT_ONCE lines after that position, up to `until`, each with its position."""

    def digest_at(self, position: int) -> bytes | None:
        """Return the digest at that position, or None if the chain is shorter."""

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint. Raises ConflictError if its number is taken."""

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        """Return the checkpoint of that number, by default the latest."""

    def checkpoints(self) -> list[Checkpoint]:
        """Return all checkpoints, by number."""
