"""Queue a freeze or its end for the voting platform; the courier tells it."""

from datetime import datetime, timedelta

from core.ports import MessageKind, Transaction

USEFUL = timedelta(days=400)
"""Longer than an election: a freeze is never too late."""


def queue_freeze_update(transaction: Transaction, *, case: str, voter: int, at: datetime) -> None:
    """Queue a message that tells the platform whether the account is frozen when it is sent."""
    transaction.outbox.put_without_returning_id(
        kind=MessageKind.HOLD, case=case, at=at, useful_until=at + USEFUL, voter=voter
    )
