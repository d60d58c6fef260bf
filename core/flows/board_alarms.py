from datetime import timedelta

from core.flows.dependencies import Dependencies
from core.ports import Actor, Event, EventType, StoreUnavailable, Transaction
from core.security import key_purposes

ROWS_ALTERED = "rows-altered"
JOURNAL_BROKEN = "journal-broken"
IPV6_SIGN_INS = "ipv6-48-sign-ins"
IPV6_DESK_REQUESTS = "ipv6-48-desk-requests"
UNUSUAL_READING = "unusual-reading"
BUDGET_HALF_SPENT = "sms-budget-half-spent"


def raise_board_alarm(dependencies: Dependencies, transaction: Transaction, reason: str) -> None:
    """Write an alarm to the journal, at most once per `alarm_pause_minutes` for each reason."""
    now, pause = dependencies.clock.now(), timedelta(minutes=dependencies.policy.alarm_pause_minutes)
    bucket = dependencies.vault.digest(key_purposes.THROTTLE, f"alarm|{reason}".encode())
    if transaction.throttle.count_or_refuse(bucket, limit=1, window=pause, now=now).allowed:
        transaction.journal.write(Event(at=now, actor=Actor.SERVICE, act=EventType.ALARM, reason=reason))


def raise_board_alarm_in_own_transaction(dependencies: Dependencies, reason: str) -> None:
    """Write an alarm to the journal. Does nothing if the database is unavailable."""
    try:
        with dependencies.store.write() as transaction:
            raise_board_alarm(dependencies, transaction, reason)
    except StoreUnavailable:
        return
