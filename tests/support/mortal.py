"""A process that is killed at a chosen instant, as far as Python can play it."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import Durability, Store, Transaction


class Killed(BaseException):
    """SIGKILL, as far as Python can play it: no handler of the product may stop it."""


class Reaper:
    """Comes at the n-th instant."""

    def __init__(self, instant: int) -> None:
        self._left = instant
        self.came = False

    def tick(self) -> None:
        """An instant passes."""
        if self._left == 0 and not self.came:
            self.came = True
            raise Killed
        self._left -= 1


class MortalStore:
    """The store of a process that may die: before a transaction, inside it, just before its end, after it."""

    def __init__(self, store: Store, reaper: Reaper) -> None:
        self._store = store
        self._tick = reaper.tick

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """To read."""
        self._tick()
        with self._store.read() as transaction:
            yield transaction
        self._tick()

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """To look at one thing."""
        self._tick()
        with self._store.look() as transaction:
            yield transaction
        self._tick()

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:
        """To write."""
        self._tick()
        with self._store.write(durability) as transaction:
            self._tick()
            yield transaction
            self._tick()
        self._tick()
