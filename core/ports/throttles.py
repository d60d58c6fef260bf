"""How often something may be tried."""

from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """What a counter says: how many more are allowed after this one (less than none: refused), until when it counts."""

    left: int
    until: datetime

    @property
    def allowed(self) -> bool:
        """Whether this one was within the limit."""
        return self.left >= 0


class Counted(msgspec.Struct, frozen=True):
    """What a counter holds: since when, and how many."""

    began: datetime
    count: int


def foreseen(counted: Counted | None, *, limit: int, window: timedelta, now: datetime) -> Verdict:
    """What taking one more would say; its window may be over, or it never began."""
    if counted is None or counted.began <= now - window:
        return Verdict(left=limit - 1, until=now + window)
    return Verdict(left=limit - counted.count - 1, until=counted.began + window)


class Throttle(Protocol):
    """Exact counters, whatever the number of workers (rule 13)."""

    def take(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        """Counts one more; the window begins with its first."""

    def spend(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        """Counts one more of at most `limit`. Raises Exhausted when there were as many: here, or later in the transaction."""

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        """What `take` would say, counting nothing."""

    def give_back(self, bucket: bytes) -> None:
        """Counts one less: what was taken turned out not to be one of those that are counted."""

    def forget(self, bucket: bytes) -> None:
        """Starts that counter again from zero."""


class Networks(Protocol):
    """Per-network buckets, approximate and not stored (rule 13)."""

    def admit(self, network: str) -> bool:
        """Counts one more request; False when there were too many. Open when it cannot count."""
