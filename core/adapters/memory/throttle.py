"""Counters."""

from datetime import datetime, timedelta

from core.adapters.memory.shelf import Port
from core.ports import Counted, Exhausted, Verdict, foreseen


class MemoryThrottle(Port):
    """The port Throttle."""

    def take(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        began, count = self._shelf.counters.get(bucket, (now, 0))
        if began <= now - window:
            began, count = now, 0
        self._shelf.counters[bucket] = (began, count + 1)
        return Verdict(left=limit - count - 1, until=began + window)

    def spend(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        if not self.take(bucket, limit=limit, window=window, now=now).allowed:
            raise Exhausted

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        counted = self._shelf.counters.get(bucket)
        return foreseen(None if counted is None else Counted(*counted), limit=limit, window=window, now=now)

    def give_back(self, bucket: bytes) -> None:
        if bucket in self._shelf.counters:
            began, count = self._shelf.counters[bucket]
            self._shelf.counters[bucket] = (began, max(0, count - 1))

    def forget(self, bucket: bytes) -> None:
        self._shelf.counters.pop(bucket, None)
