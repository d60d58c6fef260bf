"""Limits the mails that anybody can have sent to an address by typing it on the site."""

from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies
from core.policy.ipv6_networks import counted_networks
from core.ports import Transaction
from core.security import key_purposes


def count_requested_mail(
    dependencies: Dependencies, transaction: Transaction, address: str, network: str, now: datetime
) -> None:
    """Count a recovery mail or a confirmation of a desk request. Raises LimitReached if it exceeds a limit.

    Both kinds share the limits. The network is counted first, so that a request refused there does not count against
    the address.
    """
    policy = dependencies.policy
    window = timedelta(minutes=policy.asks_window_minutes)
    limits = {
        f"{address}|{name}": policy.asks_per_network * factor for name, factor in counted_networks(network, policy)
    }
    for who, limit in {**limits, address: policy.asks_per_address}.items():
        bucket = dependencies.vault.digest(key_purposes.THROTTLE, f"ask|{who}".encode())
        transaction.throttle.count_or_raise(bucket, limit=limit, window=window, now=now)
