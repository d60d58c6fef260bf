"""Counts of journal events for the helpdesk's overview."""

from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from core.ports.event_types import REFUSALS, EventType

BUCKET: Final = timedelta(minutes=2)
FAILURES: Final = REFUSALS | {
    EventType.MAIL_BOUNCED,
    EventType.MAIL_REFUSED,
    EventType.MAIL_CANCELLED,
    EventType.SMS_REFUSED,
    EventType.SMS_CANCELLED,
}
"""Event types that count as failures."""
UNDELIVERED_SMS: Final = tuple(
    f"{kind} {result}"
    for kind in ("code", "call", "identifier")
    for result in ("undelivered", "rejected", "busy", "no-answer")
)
"""Event reasons that mean an SMS or call was not delivered."""


class EventCountInBucket(msgspec.Struct, frozen=True):
    """Number of events of one type in a two-minute period."""

    bucket: int
    """Number of the two-minute period, counted from 1 January 1970 (UTC)."""
    act: str
    count: int


class FailuresByReasonAndAcademie(msgspec.Struct, frozen=True):
    """Number of failures in a two-minute period, by type, reason and académie."""

    bucket: int
    act: str
    reason: str | None
    academie: str | None
    count: int


class AgentLastEvent(msgspec.Struct, frozen=True):
    agent: str
    act: str
    line: int
    at: datetime


class JournalSliceCounts(msgspec.Struct, frozen=True):
    acts: tuple[EventCountInBucket, ...]
    failures: tuple[FailuresByReasonAndAcademie, ...]
    traces: tuple[AgentLastEvent, ...]


class WaitingMessagesOfKind(msgspec.Struct, frozen=True):
    kind: str
    waiting: int
    oldest: datetime


class DeskOverviewCounts(Protocol):
    def last_journal_line(self) -> int: ...

    def count_slice(self, after: int, until: int) -> JournalSliceCounts: ...

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]: ...
