"""A freeze and its end reach the voting platform too: queued in the act's transaction, told by the courier."""

from datetime import datetime, timedelta

from core.ports import ParcelKind, Transaction

USEFUL = timedelta(days=400)
"""A freeze is never too late to be told: longer than an election."""


def tell_platform(transaction: Transaction, *, case: str, voter: int, at: datetime) -> None:
    """The courier will tell the platform how the voter's account stands then: frozen, or not."""
    transaction.outbox.post(kind=ParcelKind.HOLD, case=case, at=at, useful_until=at + USEFUL, voter=voter)
