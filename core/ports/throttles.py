from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class ThrottleVerdict(msgspec.Struct, frozen=True):
    left: int
    until: datetime

    @property
    def allowed(self) -> bool:
        return self.left >= 0


class ThrottleCounterValue(msgspec.Struct, frozen=True):
    began: datetime
    count: int


def next_verdict(
    counted: ThrottleCounterValue | None, *, limit: int, window: timedelta, now: datetime
) -> ThrottleVerdict:
    """Return the verdict after one more attempt. If the window has expired, a new window begins."""
    if counted is None or counted.began <= now - window:
        return ThrottleVerdict(left=limit - 1, until=now + window)
    return ThrottleVerdict(left=limit - counted.count - 1, until=counted.began + window)


class Throttle(Protocol):
    """Counts attempts exactly, even with several processes. Each `bucket` has its own counter."""

    def count_or_refuse(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict: ...

    def count_or_raise(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        """Count an attempt. Raises LimitReached, either now or when the transaction commits."""

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        """Return what `count_or_refuse` would return, without counting an attempt."""

    def give_back(self, bucket: bytes) -> None: ...

    def reset(self, bucket: bytes) -> None: ...


class NetworkLimits(Protocol):
    """Limits the requests from each network. Counts are approximate."""

    def admit(self, network: str) -> bool:
        """Count a request. Returns False if the limit is exceeded, and True if counting fails."""
