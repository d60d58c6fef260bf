"""The journal: its events, what is read of them, and the chain of seals and checkpoints that confirms them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

SETTLES_AFTER: Final = timedelta(minutes=1)
"""No transaction goes on as long after the moment of its line, so no line can appear before one that is older than this."""


class Actor(StrEnum):
    """Actors of events."""

    VOTER = "voter"
    COURIER = "courier"
    OPERATOR = "operator"
    """The operator who runs commands on the service's machine."""
    NETWORK = "network"
    """The mobile operator, who reports what became of an SMS."""
    SERVICE = "service"
    """The service itself, which raises an alarm."""
    AGENT = "agent"
    """An agent, whom the event names."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event (rule 12): who did what, in which case, and why. It holds no secret and no clear personal data."""

    at: datetime
    actor: Actor
    act: str
    """An EventType, or the name of an event of a flow's own."""
    case: str | None = None
    voter: int | None = None
    reason: str | None = None
    agent: str | None = None
    """The name of the agent's account."""
    credential: str | None = None
    """The keyed digest of the password that the voter has from then on, of the number that they claimed, or of the imported roll; the digest of a closed session."""


class RecordedEvent(msgspec.Struct, frozen=True):
    """A line of the journal with its number. A line may still appear below one that was read."""

    line: int
    event: Event


class EventTypeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Count of each event type after a given line, with its reason for those in REASONED.

    `settled` counts the lines up to `line`, which nothing can join any more; `fresh` those after it.
    """

    line: int
    settled: Mapping[tuple[str, str | None], int]
    fresh: Mapping[tuple[str, str | None], int]


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that are wanted: of a case, of a voter and their cases, of an event, of an agent; all of them by default."""

    case: str | None = None
    voter: int | None = None
    act: str | None = None
    agent: str | None = None

    @property
    def names_file(self) -> bool:
        """True if the lines are those of one case or voter, which an index finds."""
        return self.case is not None or self.voter is not None


class Journal(Protocol):
    """The record of what happened. An event is written in the transaction of its act and never changed."""

    def write(self, event: Event) -> None:
        """Add a line."""

    def of_case(self, number: str) -> list[Event]:
        """Return a case's events, oldest first."""

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]:
        """Return the latest lines of a case, oldest first."""

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        """Return the latest lines of a voter and of all cases known to be theirs, oldest first."""

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        """Return the latest wanted lines between two lines, the latest first."""

    def bounced_mail_events(self, limit: int) -> list[RecordedEvent]:
        """Return the latest bounced mails, the latest first."""

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        """Return the first CALL_NEEDED of voters who have not called since, nor received an identifier; one for each."""

    def last_line_before(self, moment: datetime) -> int:
        """Return the last line written before that moment, approximately; 0 if there is none."""

    def count_events(self, *, after: int, recent: datetime) -> EventTypeCounts:
        """Count the lines after line `after`; a line is settled when it and those before it are older than `recent`.

        Lines are numbered before their transactions end, so a recent one may still be joined by a smaller number.
        """


class JournalLine(msgspec.Struct, frozen=True, gc=False):
    """A line of the journal as it lies in the store, whatever was done to it: `columns` by the names of Event's fields."""

    number: int
    columns: Mapping[str, object]

    @property
    def act(self) -> object:
        """The event type."""
        return self.columns.get("act")


class JournalLineSeal(msgspec.Struct, frozen=True, gc=False):
    """A position of the chain: its line, and the digest of that line and of all before it (`core.journal`)."""

    position: int
    line: int
    digest: bytes


class JournalLineGap(msgspec.Struct, frozen=True):
    """Line numbers not seen when later lines were sealed: rolled back, or in a slow transaction."""

    first: int
    last: int


class JournalChainEnd(msgspec.Struct, frozen=True):
    """The chain's last position and digest, the highest line sealed, and the gaps below it."""

    position: int
    digest: bytes
    reached: int
    gaps: tuple[JournalLineGap, ...]


class Backlog(msgspec.Struct, frozen=True):
    """A number of lines or messages that wait, and when the oldest of them was written."""

    waiting: int
    oldest: datetime | None


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed statement of where the chain ended, for the electoral board."""

    number: int
    statement: str
    signature: bytes


CHECKPOINT_CASES: Final = "0000-"
"""First characters of the case number of a checkpoint's mail. Voters' numbers have no nought (`core.security.tokens`)."""


class JournalChain(Protocol):
    """The journal's chain, which only grows: every line gets one position in it, some time after its act."""

    def end(self) -> JournalChainEnd:
        """Return where the chain ends; position 0 without a seal."""

    def unsealed(self, end: JournalChainEnd, *, limit: int) -> list[JournalLine]:
        """Return the first lines without a position: late ones in the gaps, then those after `reached`."""

    def seal(self, end: JournalChainEnd, seals: Sequence[JournalLineSeal], gaps: Sequence[JournalLineGap]) -> None:
        """Lengthen the chain. Raises ConflictError unless it still ends at `end`."""

    def seals(self, *, after: int = 0) -> Iterator[tuple[JournalLineSeal, JournalLine | None]]:
        """Return the chain after that position, each seal with its line if that is still there."""

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        """Return lines that no seal names and none will: neither after `reached` nor in a gap."""

    def count_unsealed(self) -> Backlog:
        """Count the lines that wait for their seal."""

    def count_unattested(self, *, after: int) -> Backlog:
        """Count the sealed lines after that position, but for those about checkpoints."""

    def sealed_interventions_and_alarms(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        """Return the sealed lines of REPORTED_AT_ONCE after that position, up to `until`, each with its position."""

    def digest_at(self, position: int) -> bytes | None:
        """Return the digest of that position; None if nothing is sealed there."""

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint. Raises ConflictError if another has its number."""

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        """Return the checkpoint of that number, or the last."""

    def checkpoints(self) -> list[Checkpoint]:
        """Return every checkpoint, by number."""
