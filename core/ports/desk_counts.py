"""Counts of the journal's lines, read a slice at a time, so that no question reads a whole election at once."""

from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from core.ports.event_types import REFUSALS, EventType

BUCKET: Final = timedelta(minutes=2)
"""The lines of as much time are counted together."""
FAILURES: Final = REFUSALS | {
    EventType.MAIL_BOUNCED,
    EventType.MAIL_REFUSED,
    EventType.MAIL_CANCELLED,
    EventType.SMS_REFUSED,
    EventType.SMS_CANCELLED,
}
"""The events that are counted by their reason and by the académie of their voter."""


class EventCountInBucket(msgspec.Struct, frozen=True):
    """Number of events within a bucket; a bucket is counted in BUCKETs since 1970."""

    bucket: int
    act: str
    count: int


class FailuresByReasonAndAcademie(msgspec.Struct, frozen=True):
    """Number of failures for that reason in that académie; both are None where they are not known."""

    bucket: int
    act: str
    reason: str | None
    academie: str | None
    count: int


class AgentLastEvent(msgspec.Struct, frozen=True):
    """The last line of an agent that has that event."""

    agent: str
    act: str
    line: int
    at: datetime


class JournalSliceCounts(msgspec.Struct, frozen=True):
    """The counts of some lines that follow each other."""

    acts: tuple[EventCountInBucket, ...]
    failures: tuple[FailuresByReasonAndAcademie, ...]
    traces: tuple[AgentLastEvent, ...]


class WaitingMessagesOfKind(msgspec.Struct, frozen=True):
    """Number of waiting messages of a kind, and the age of the oldest."""

    kind: str
    waiting: int
    oldest: datetime


class DeskOverviewCounts(Protocol):
    """The counts of the journal and of the outbox for the desk's overview."""

    def last_journal_line(self) -> int:
        """Return the number of the journal's last line; 0 if there is none."""

    def count_slice(self, after: int, until: int) -> JournalSliceCounts:
        """Count the lines after one and up to another."""

    def voter_of_line(self, line: int) -> int | None:
        """Return the voter whom a line names."""

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]:
        """Return the kinds of messages that wait; as many rows are read as there are waiting messages."""
