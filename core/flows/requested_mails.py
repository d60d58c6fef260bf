"""Limits the emails that anybody can request for an address by typing it on the site."""

from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies
from core.policy.ipv6_networks import counted_networks
from core.ports import LimitReached, Transaction
from core.security import key_purposes


def count_recovery_mail(
    dependencies: Dependencies, transaction: Transaction, address: str, network: str, now: datetime
) -> None:
    """Count a recovery email. Raises LimitReached if there are too many."""
    _count(dependencies, transaction, address, network, now, share=1)


def count_confirmation(
    dependencies: Dependencies, transaction: Transaction, address: str, network: str, now: datetime
) -> None:
    """Count the email that confirms a request to the helpdesk. Raises LimitReached if there are too many.

    Confirmations may use only half of each limit, so that they never block recovery emails.
    """
    _count(dependencies, transaction, address, network, now, share=2)


def _count(
    dependencies: Dependencies, transaction: Transaction, address: str, network: str, now: datetime, *, share: int
) -> None:
    policy = dependencies.policy
    window = timedelta(minutes=policy.asks_window_minutes)
    # Count the network first, so that a request refused there does not count against the address.
    limits = {
        f"{address}|{name}": policy.asks_per_network * factor for name, factor in counted_networks(network, policy)
    }
    for who, limit in {**limits, address: policy.asks_per_address}.items():
        if limit < share:
            raise LimitReached
        bucket = dependencies.vault.digest(key_purposes.THROTTLE, f"ask|{who}".encode())
        transaction.throttle.count_or_raise(bucket, limit=limit // share, window=window, now=now)
