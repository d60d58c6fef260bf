"""The port Networks: per-network buckets in this process's memory, by `limits`.

Each worker counts by itself, so a network may make `workers` times as many requests: these buckets blunt a flood, the
exact counters are rows (rule 13).
"""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter


class NetworkBuckets:
    """So many requests a minute for each network."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def admit(self, network: str) -> bool:
        return self._limiter.hit(self._limit, network)


class OpenDoor:
    """Admits everyone: for load tests (`--no-throttle`)."""

    def admit(self, network: str) -> bool:  # noqa: ARG002  # whoever it is
        return True
