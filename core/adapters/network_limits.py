"""Limits the requests per minute from each network."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from core.policy.ipv6_networks import CUSTOMER_PREFIX, ipv6_network
from core.ports import NetworkLimits

SECONDS_A_MINUTE = 60


class InProcessNetworkLimits:
    """Counts each network's requests in the memory of this process."""

    def __init__(self, per_minute: int, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._seconds = seconds
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def admit(self, network: str) -> bool:
        with self._lock:
            minute = int(self._seconds() // SECONDS_A_MINUTE)
            if minute != self._minute:
                self._minute, self._counts = minute, Counter()
            self._counts[network] += 1
            return self._counts[network] <= self._per_minute


@dataclass(frozen=True, slots=True)
class NestedNetworkLimits:
    """Limits each network and, for IPv6, also the /56 that contains the network."""

    single: NetworkLimits
    ipv6_56: NetworkLimits

    def admit(self, network: str) -> bool:
        customer = ipv6_network(network, CUSTOMER_PREFIX)
        return self.single.admit(network) and (customer is None or self.ipv6_56.admit(customer))


class NoNetworkLimits:
    def admit(self, network: str) -> bool:  # noqa: ARG002
        return True
