"""Erase data that may not be kept any longer (storage limitation, GDPR article 5(1)(e)).

Data needed only for voting may not be used after the vote closes. The rest is evidence until the election can no longer
be contested (French election texts: "jusqu'à l'épuisement des voies et délais de recours contentieux"). The journal is
kept: its lines hold numbers and reasons but no contact details, and its chain stays valid.
"""

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
"""The kinds needed only until the vote closes. Other kinds are kept until the election can no longer be contested."""


def erasure_due_from(erasable_kind: ErasableDataKind, policy: Policy, calendar: Calendar) -> datetime:
    """Return the time at which that kind becomes due for erasure. The privacy notice states it."""
    contested = timedelta(0) if erasable_kind in AT_THE_CLOSE else timedelta(days=policy.contest_days)
    return calendar.vote_closes + contested


@dataclass(frozen=True, slots=True)
class RowCountAndErasureDate:
    """The number of rows of a kind, and the time at which they become due for erasure."""

    kind: ErasableDataKind
    count: int
    due: datetime


def count_erasable_rows(dependencies: Dependencies) -> list[RowCountAndErasureDate]:
    """Return the number of rows of each kind and when they become due, in the order of erasure."""
    now, policy, calendar = dependencies.clock.now(), dependencies.policy, dependencies.calendar
    with dependencies.store.read() as transaction:
        return [
            RowCountAndErasureDate(
                kind, transaction.retention.count(kind, now), erasure_due_from(kind, policy, calendar)
            )
            for kind in ErasableDataKind
        ]


def erase_due_rows(dependencies: Dependencies) -> Mapping[ErasableDataKind, int]:
    """Erase the due rows and return the count of each kind, also written to the journal. Idempotent."""
    now, policy, calendar = dependencies.clock.now(), dependencies.policy, dependencies.calendar
    due = [kind for kind in ErasableDataKind if erasure_due_from(kind, policy, calendar) <= now]
    with dependencies.store.write() as transaction:
        counted = {kind: transaction.retention.erase(kind, now) for kind in due}
        gone = {kind: count for kind, count in counted.items() if count}
        if gone:
            said = ", ".join(f"{kind} {count}" for kind, count in gone.items())
            transaction.journal.write(Event(at=now, actor=Actor.OPERATOR, act=EventType.PURGED, reason=said))
    return gone
