"""Simulates a process that is killed at a chosen moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import Store, Transaction


class Killed(BaseException):
    """Raised to simulate SIGKILL. The product must not catch it."""


class Reaper:
    """Raises `Killed` when it is called for the n-th time."""

    def __init__(self, instant: int) -> None:
        self._left = instant
        self.came = False

    def tick(self) -> None:
        if self._left == 0 and not self.came:
            self.came = True
            raise Killed
        self._left -= 1


class MortalStore:
    """A store whose process may be killed before, inside or after a transaction, or just before its commit."""

    def __init__(self, store: Store, reaper: Reaper) -> None:
        self._store = store
        self._tick = reaper.tick

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        self._tick()
        with self._store.read() as transaction:
            yield transaction
        self._tick()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self._tick()
        with self._store.write() as transaction:
            self._tick()
            yield transaction
            self._tick()
        self._tick()
