"""Limits how many emails can be requested for one address."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies
from core.policy.ipv6_networks import counted_networks
from core.ports import LimitReached, Transaction
from core.security import key_purposes

RECOVERY_MAIL, CONFIRMATION = 1, 2
"""Numbers by which each limit is divided. Confirmation emails may use only half of a limit."""


def count_requested_mail(
    dependencies: Dependencies, transaction: Transaction, address: str, network: str, now: datetime, *, share: int
) -> None:
    """Count a request for an email. `share` is RECOVERY_MAIL or CONFIRMATION. Raises LimitReached."""
    window = timedelta(minutes=dependencies.policy.asks_window_minutes)
    for bucket, limit in _limits(dependencies, address, network):
        if limit < share:
            raise LimitReached
        transaction.throttle.count_or_raise(bucket, limit=limit // share, window=window, now=now)


def recovery_mails_refused_until(
    dependencies: Dependencies, transaction: Transaction, address: str, network: str, now: datetime
) -> datetime:
    """Return when the next recovery email can be requested."""
    window = timedelta(minutes=dependencies.policy.asks_window_minutes)
    verdicts = [
        transaction.throttle.peek(bucket, limit=limit, window=window, now=now)
        for bucket, limit in _limits(dependencies, address, network)
    ]
    return max((verdict.until for verdict in verdicts if not verdict.allowed), default=now)


def _limits(dependencies: Dependencies, address: str, network: str) -> Iterator[tuple[bytes, int]]:
    policy = dependencies.policy
    # Count the network first, so that a request refused there does not count against the address.
    limits = {
        f"{address}|{name}": policy.asks_per_network * factor for name, factor in counted_networks(network, policy)
    }
    for who, limit in {**limits, address: policy.asks_per_address}.items():
        yield dependencies.vault.digest(key_purposes.THROTTLE, f"ask|{who}".encode()), limit
