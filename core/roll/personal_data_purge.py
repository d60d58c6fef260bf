"""Erases personal data after the vote (storage limitation, GDPR article 5(1)(e))."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import Actor, ErasableDataKind, Event, EventType

AT_THE_CLOSE = frozenset(
    {ErasableDataKind.SESSIONS, ErasableDataKind.LINKS, ErasableDataKind.AWAITED_CODES, ErasableDataKind.BODIES}
)


def erasure_due_from(erasable_kind: ErasableDataKind, policy: Policy, calendar: Calendar) -> datetime:
    """Return the time from which data of this kind must be erased."""
    contested = timedelta(0) if erasable_kind in AT_THE_CLOSE else timedelta(days=policy.contest_days)
    return calendar.vote_closes + contested


@dataclass(frozen=True, slots=True)
class RowCountAndErasureDate:
    kind: ErasableDataKind
    count: int
    due: datetime


def count_erasable_rows(dependencies: Dependencies) -> list[RowCountAndErasureDate]:
    now, policy, calendar = dependencies.clock.now(), dependencies.policy, dependencies.calendar
    with dependencies.store.read() as transaction:
        return [
            RowCountAndErasureDate(
                kind, transaction.retention.count(kind, now), erasure_due_from(kind, policy, calendar)
            )
            for kind in ErasableDataKind
        ]


def erase_due_rows(dependencies: Dependencies) -> Mapping[ErasableDataKind, int]:
    """Erase all due rows. Returns the number of erased rows for each kind."""
    now, policy, calendar = dependencies.clock.now(), dependencies.policy, dependencies.calendar
    due = [kind for kind in ErasableDataKind if erasure_due_from(kind, policy, calendar) <= now]
    with dependencies.store.write() as transaction:
        counted = {kind: transaction.retention.erase(kind, now) for kind in due}
        erased = {kind: count for kind, count in counted.items() if count}
        if erased:
            counts = ", ".join(f"{kind} {count}" for kind, count in erased.items())
            transaction.journal.write(Event(at=now, actor=Actor.OPERATOR, act=EventType.PURGED, reason=counts))
    return erased
