"""Counts over the journal, computed in slices so that no query reads the journal of a whole election."""

from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from core.ports.event_types import REFUSALS, EventType

BUCKET: Final = timedelta(minutes=2)
"""Journal lines are counted per bucket of this length."""
FAILURES: Final = REFUSALS | {
    EventType.MAIL_BOUNCED,
    EventType.MAIL_REFUSED,
    EventType.MAIL_CANCELLED,
    EventType.SMS_REFUSED,
    EventType.SMS_CANCELLED,
}
"""Events that are counted by reason and by the voter's académie."""


class EventCountInBucket(msgspec.Struct, frozen=True):
    """Number of events in a bucket. `bucket` numbers the BUCKET periods since 1970."""

    bucket: int
    act: str
    count: int


class FailuresByReasonAndAcademie(msgspec.Struct, frozen=True):
    """Number of failures by reason and académie, each None if unknown."""

    bucket: int
    act: str
    reason: str | None
    academie: str | None
    count: int


class AgentLastEvent(msgspec.Struct, frozen=True):
    """The last journal line with this event for this agent."""

    agent: str
    act: str
    line: int
    at: datetime


class JournalSliceCounts(msgspec.Struct, frozen=True):
    """Counts over a range of journal lines."""

    acts: tuple[EventCountInBucket, ...]
    failures: tuple[FailuresByReasonAndAcademie, ...]
    traces: tuple[AgentLastEvent, ...]


class WaitingMessagesOfKind(msgspec.Struct, frozen=True):
    """Number of waiting messages of a kind, and the creation time of the oldest."""

    kind: str
    waiting: int
    oldest: datetime


class DeskOverviewCounts(Protocol):
    """Counts of the journal and of the outbox for the desk's overview."""

    def last_journal_line(self) -> int:
        """Return the number of the last journal line, or 0 if the journal is empty."""

    def count_slice(self, after: int, until: int) -> JournalSliceCounts:
        """Count the lines from `after` (excluded) to `until` (included)."""

    def voter_of_line(self, line: int) -> int | None:
        """Return the voter named in that line."""

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]:
        """Return the kinds of waiting messages. Reads one row for each waiting message."""
