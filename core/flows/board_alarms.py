"""Alarms that the service itself raises for the electoral board."""

from datetime import timedelta

from core.flows.dependencies import Dependencies
from core.ports import Actor, Event, EventType, StoreUnavailable, Transaction
from core.security import key_purposes

ROWS_ALTERED = "rows-altered"
JOURNAL_BROKEN = "journal-broken"
BUDGET_HALF_SPENT = "sms-budget-half-spent"


def raise_board_alarm(dependencies: Dependencies, transaction: Transaction, reason: str) -> None:
    """Write an alarm, at most once in `alarm_pause_minutes` for the same reason.

    `reason` begins with one of the constants above, and may end with the table or scope concerned.
    """
    now, pause = dependencies.clock.now(), timedelta(minutes=dependencies.policy.alarm_pause_minutes)
    bucket = dependencies.vault.digest(key_purposes.THROTTLE, f"alarm|{reason}".encode())
    if transaction.throttle.count_or_refuse(bucket, limit=1, window=pause, now=now).allowed:
        transaction.journal.write(Event(at=now, actor=Actor.SERVICE, act=EventType.ALARM, reason=reason))


def raise_board_alarm_in_own_transaction(dependencies: Dependencies, reason: str) -> None:
    """Write an alarm in its own transaction. Does nothing if the database is unavailable."""
    try:
        with dependencies.store.write() as transaction:
            raise_board_alarm(dependencies, transaction, reason)
    except StoreUnavailable:
        return
