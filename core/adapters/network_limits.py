"""Limits the number of requests per minute from each network.

Requests are counted in a Valkey server that all hosts share, or in the memory of each worker process. Limits that must
be exact are counters in the database instead.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisSentinelStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from core.policy.ipv6_networks import CUSTOMER_PREFIX, ipv6_network
from core.ports import NetworkLimits, ProcessMeasurements, Vault
from core.security import key_purposes

SECONDS_A_MINUTE = 60
PAUSE_SECONDS = 5.0
"""How long to leave Valkey alone after it failed to answer, in seconds."""
PREFIX = "retrouve"
log = logging.getLogger("retrouve")


class InProcessNetworkLimits:
    """Counts the requests from each network in the memory of this process.

    The `limits` library is not used here, because its cleanup threads would take a tenth of the time of a link request.
    """

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


class ValkeyNetworkLimits:
    """Counts requests per network in a shared Valkey server. While Valkey is unavailable, this process counts alone."""

    def __init__(
        self,
        storage: RedisStorage,
        per_minute: int,
        vault: Vault,
        measures: ProcessMeasurements,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(storage)
        self._fallback = InProcessNetworkLimits(per_minute, seconds=seconds)
        self._vault, self._measures, self._seconds = vault, measures, seconds
        self._lock = threading.Lock()
        self._next_try: float | None = None

    def admit(self, network: str) -> bool:
        if not self._may_try_valkey():
            return self._fallback.admit(network)
        # Store a digest, so that Valkey does not reveal visitors' networks.
        name = self._vault.digest(key_purposes.THROTTLE, b"network|" + network.encode()).hex()
        try:
            admitted = self._limiter.hit(self._limit, name)
        except (StorageError, TypeError, ValueError) as error:  # no answer, or not a number
            self._note_failure(error.storage_error if isinstance(error, StorageError) else error)
            return self._fallback.admit(network)
        self._note_answer()
        return admitted

    def _may_try_valkey(self) -> bool:
        with self._lock:
            if self._next_try is None:
                return True
            now = self._seconds()
            if now < self._next_try:
                return False
            self._next_try = now + PAUSE_SECONDS  # other requests do not wait for the retry
            return True

    def _note_failure(self, error: Exception) -> None:
        self._measures.count_network_store_failure()
        with self._lock:
            new = self._next_try is None
            self._next_try = self._seconds() + PAUSE_SECONDS
        if new:  # this process now counts alone
            log.warning("networks-uncounted", extra={"reason": type(error).__name__, "cause": error})

    def _note_answer(self) -> None:
        with self._lock:
            over, self._next_try = self._next_try is not None, None
        if over:
            log.warning("networks-counted-again")


def lazily_connecting_valkey_storage(url: str, answer_seconds: float) -> RedisStorage:
    """Create a storage that connects to Valkey only when it is first used. So the site can start without Valkey."""
    options: dict[str, Any] = {"socket_timeout": answer_seconds, "socket_connect_timeout": answer_seconds}
    if url.startswith("valkey+sentinel:"):
        # The storage does not decode user name and password from the URL.
        named = {"username": urlsplit(url).username, "password": urlsplit(url).password}
        options |= {name: unquote(word) for name, word in named.items() if word}
        return RedisSentinelStorage(url, key_prefix=PREFIX, wrap_exceptions=True, sentinel_kwargs=options, **options)
    # By default the client checks the certificate but not the host name.
    checked = {"ssl_check_hostname": True} if url.startswith("valkeys:") else {}
    return RedisStorage(url, key_prefix=PREFIX, wrap_exceptions=True, **options, **checked)


@dataclass(frozen=True, slots=True)
class NestedNetworkLimits:
    """Counts each request from an IPv6 network twice: for the network, and for the /56 that contains it."""

    single: NetworkLimits
    ipv6_56: NetworkLimits

    def admit(self, network: str) -> bool:
        customer = ipv6_network(network, CUSTOMER_PREFIX)
        return self.single.admit(network) and (customer is None or self.ipv6_56.admit(customer))


class NoNetworkLimits:
    def admit(self, network: str) -> bool:  # noqa: ARG002
        return True
