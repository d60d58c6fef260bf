"""Counts each network's requests in a Valkey server that all hosts share."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisSentinelStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from core.adapters.network_limits import InProcessNetworkLimits
from core.ports import ProcessMeasurements, Vault
from core.security import key_purposes

PAUSE_SECONDS = 5.0
"""Pause after a failure of Valkey, in seconds."""
PREFIX = "retrouve"
log = logging.getLogger("retrouve")


class ValkeyNetworkLimits:
    """Counts requests in Valkey, or in this process's memory if Valkey is unavailable."""

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
    """Create a storage that connects to Valkey when it is first used."""
    options: dict[str, Any] = {"socket_timeout": answer_seconds, "socket_connect_timeout": answer_seconds}
    if url.startswith("valkey+sentinel:"):
        # The storage does not decode user name and password from the URL.
        named = {"username": urlsplit(url).username, "password": urlsplit(url).password}
        options |= {name: unquote(word) for name, word in named.items() if word}
        return RedisSentinelStorage(url, key_prefix=PREFIX, wrap_exceptions=True, sentinel_kwargs=options, **options)
    # By default the client checks the certificate but not the host name.
    checked = {"ssl_check_hostname": True} if url.startswith("valkeys:") else {}
    return RedisStorage(url, key_prefix=PREFIX, wrap_exceptions=True, **options, **checked)
