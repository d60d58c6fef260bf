"""Slows the sign-ins of a network from which wrong passwords come for many addresses (password spraying)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from core.flows.dependencies import Dependencies
from core.ports import Event, EventType, ThrottleVerdict, Transaction
from core.security import key_purposes

IPV4_PREFIX = 24
MOST_DOUBLINGS = 16
ALARM_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NetworkSlowdown:
    """Counts the addresses that a network tries and does not sign in to. Rows are locked in the order of `count_address_or_return_wait`."""

    dependencies: Dependencies

    def count_address_or_return_wait(
        self, transaction: Transaction, address: str, network: str, now: datetime
    ) -> datetime | None:
        """Count the address, once a window, before its password is looked at.

        Return when to try again if the network must wait; then nothing is counted, so that waiting voters prolong no wait.
        """
        policy, throttle = self.dependencies.policy, transaction.throttle
        limit, window = policy.sign_in_addresses_per_network, timedelta(minutes=policy.sign_in_network_window_minutes)
        if not limit:
            return None
        tried, whole = self._buckets(address, network)
        new = throttle.count_or_refuse(tried, limit=1, window=window, now=now).allowed
        if new:
            verdict = throttle.count_or_refuse(whole, limit=limit, window=window, now=now)
        else:
            verdict = throttle.verdict_without_counting(whole, limit=limit + 1, window=window, now=now)
        if verdict.allowed:
            return None
        turn = throttle.count_or_refuse(self._bucket("turn", network), limit=1, window=self._gap(verdict), now=now)
        if new and not turn.allowed:
            throttle.reset(tried)
            throttle.give_back(whole)
        self._raise_alarm(transaction, network, now)
        return None if turn.allowed else turn.until

    def forget_address(self, transaction: Transaction, address: str, network: str) -> None:
        """Remove the address from the count, after a success."""
        if self.dependencies.policy.sign_in_addresses_per_network:
            tried, whole = self._buckets(address, network)
            transaction.throttle.reset(tried)
            transaction.throttle.give_back(whole)

    def _gap(self, verdict: ThrottleVerdict) -> timedelta:
        """Return the gap between two sign-ins, which doubles with so many further addresses."""
        policy = self.dependencies.policy
        longest = timedelta(minutes=policy.sign_in_network_window_minutes)
        doublings = min((-verdict.left - 1) // policy.sign_in_gap_doubles_after, MOST_DOUBLINGS)
        return min(longest, timedelta(seconds=policy.sign_in_gap_seconds << doublings))

    def _raise_alarm(self, transaction: Transaction, network: str, now: datetime) -> None:
        alarm = self._bucket("alarm", network)
        if transaction.throttle.count_or_refuse(alarm, limit=1, window=ALARM_EVERY, now=now).allowed:
            transaction.journal.write(Event.by_voter(now, EventType.NETWORK_SLOWED))
            import structlog  # noqa: PLC0415  # late: by itself it loads rich, which the use cases must not

            structlog.get_logger().warning(EventType.NETWORK_SLOWED.value)

    def _buckets(self, address: str, network: str) -> tuple[bytes, bytes]:
        return self._bucket(f"tried|{address}", network), self._bucket("whole", network)

    def _bucket(self, kind: str, network: str) -> bytes:
        name = f"sign-in-network|{_block(network)}|{kind}"
        return self.dependencies.vault.digest(key_purposes.THROTTLE, name.encode())


def _block(network: str) -> str:
    """Return the /24 of an IPv4 address. An IPv6 network is a /64 already."""
    try:
        address = ip_address(network)
    except ValueError:
        return network
    return str(ip_network((address, IPV4_PREFIX), strict=False)) if isinstance(address, IPv4Address) else network
