"""A process that is killed at a chosen instant, simulated within Python."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import Store, Transaction


class Killed(BaseException):
    """Simulates SIGKILL; no handler of the product may catch it."""


class Reaper:
    """Raises `Killed` at the n-th instant."""

    def __init__(self, instant: int) -> None:
        self._left = instant
        self.came = False

    def tick(self) -> None:
        """Count an instant."""
        if self._left == 0 and not self.came:
            self.came = True
            raise Killed
        self._left -= 1


class MortalStore:
    """A store whose process may be killed before a transaction, inside it, just before its commit, and after it."""

    def __init__(self, store: Store, reaper: Reaper) -> None:
        self._store = store
        self._tick = reaper.tick

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin a read transaction."""
        self._tick()
        with self._store.read() as transaction:
            yield transaction
        self._tick()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Begin a write transaction."""
        self._tick()
        with self._store.write() as transaction:
            self._tick()
            yield transaction
            self._tick()
        self._tick()
