from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class ThrottleVerdict(msgspec.Struct, frozen=True):
    """The result of counting an attempt: how many are left (negative if refused), and the end of the window."""

    left: int
    until: datetime

    @property
    def allowed(self) -> bool:
        return self.left >= 0


class ThrottleCounterValue(msgspec.Struct, frozen=True):
    """A counter's stored value: the start of its window, and the count."""

    began: datetime
    count: int


def next_verdict(
    counted: ThrottleCounterValue | None, *, limit: int, window: timedelta, now: datetime
) -> ThrottleVerdict:
    """Return the verdict of counting one more attempt. Starts a new window if there is none or it has expired."""
    if counted is None or counted.began <= now - window:
        return ThrottleVerdict(left=limit - 1, until=now + window)
    return ThrottleVerdict(left=limit - counted.count - 1, until=counted.began + window)


class Throttle(Protocol):
    """Counters that are exact with any number of workers (rule 13)."""

    def count_or_refuse(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        """Count one more attempt. The window starts with the first one."""

    def count_or_raise(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        """Count one more attempt. Raises LimitReached above the limit, here or later in the transaction."""

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        """Return the verdict of `count_or_refuse` without counting."""

    def give_back(self, bucket: bytes) -> None: ...

    def reset(self, bucket: bytes) -> None: ...


class NetworkLimits(Protocol):
    """Approximate per-network limits, not stored in the database (rule 13)."""

    def admit(self, network: str) -> bool:
        """Count a request. Return False if the network sent too many. Return True if the counter is unavailable."""
