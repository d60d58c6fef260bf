"""Erase what nobody may keep any longer: storage limitation, GDPR article 5(1)(e).

The close of the vote ends the use of what only served to vote. The rest is evidence until the time to contest the election
is over (French election texts: "jusqu'à l'épuisement des voies et délais de recours contentieux"). The journal stays,
because its lines hold numbers and reasons and no contact; so its chain stays sound.
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
"""The kinds that are of no use once nobody can vote; other kinds wait until the election cannot be contested."""


def erasure_due_from(erasable_kind: ErasableDataKind, policy: Policy, calendar: Calendar) -> datetime:
    """Return the moment from which on that kind must be erased; the privacy notice prints it."""
    contested = timedelta(0) if erasable_kind in AT_THE_CLOSE else timedelta(days=policy.contest_days)
    return calendar.vote_closes + contested


@dataclass(frozen=True, slots=True)
class RowCountAndErasureDate:
    """The number of rows of a kind, and the moment from which on they must be erased."""

    kind: ErasableDataKind
    count: int
    due: datetime


def count_erasable_rows(dependencies: Dependencies) -> list[RowCountAndErasureDate]:
    """Return the number and the date of erasure of each kind of rows, in the order of erasing."""
    now, policy, calendar = dependencies.clock.now(), dependencies.policy, dependencies.calendar
    with dependencies.store.read() as transaction:
        return [
            RowCountAndErasureDate(
                kind, transaction.retention.count(kind, now), erasure_due_from(kind, policy, calendar)
            )
            for kind in ErasableDataKind
        ]


def erase_due_rows(dependencies: Dependencies) -> Mapping[ErasableDataKind, int]:
    """Erase what is due and return the count of each kind; the journal keeps the counts. Repeating it does nothing."""
    now, policy, calendar = dependencies.clock.now(), dependencies.policy, dependencies.calendar
    due = [kind for kind in ErasableDataKind if erasure_due_from(kind, policy, calendar) <= now]
    with dependencies.store.write() as transaction:
        counted = {kind: transaction.retention.erase(kind, now) for kind in due}
        gone = {kind: count for kind, count in counted.items() if count}
        if gone:
            said = ", ".join(f"{kind} {count}" for kind, count in gone.items())
            transaction.journal.write(Event(at=now, actor=Actor.OPERATOR, act=EventType.PURGED, reason=said))
    return gone
