"""Counters that limit how often something may be tried."""

from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class ThrottleVerdict(msgspec.Struct, frozen=True):
    """A counter's answer: the number allowed after this try (refused if negative), and the end of its window."""

    left: int
    until: datetime

    @property
    def allowed(self) -> bool:
        """Return whether this try was within the limit."""
        return self.left >= 0


class ThrottleCounterValue(msgspec.Struct, frozen=True):
    """A counter's stored value: the beginning of its window, and the count."""

    began: datetime
    count: int


def next_verdict(
    counted: ThrottleCounterValue | None, *, limit: int, window: timedelta, now: datetime
) -> ThrottleVerdict:
    """Return what counting one more would answer; the window may be over, or may never have begun."""
    if counted is None or counted.began <= now - window:
        return ThrottleVerdict(left=limit - 1, until=now + window)
    return ThrottleVerdict(left=limit - counted.count - 1, until=counted.began + window)


class Throttle(Protocol):
    """Counters that are exact under any number of workers (rule 13)."""

    def count_or_refuse(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        """Count one more. The window begins with the first."""

    def count_or_raise(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        """Count one more. Raises LimitReached at the limit: here, or later in the transaction."""

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        """Return the verdict that `count_or_refuse` would, without counting."""

    def give_back(self, bucket: bytes) -> None:
        """Count one less."""

    def reset(self, bucket: bytes) -> None:
        """Reset the counter."""


class NetworkLimits(Protocol):
    """Approximate per-network limits that are not stored (rule 13)."""

    def admit(self, network: str) -> bool:
        """Count a request. Return False when there were too many, and True when it cannot be counted."""
