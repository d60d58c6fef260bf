"""Connections kept open between transactions: we say BEGIN ourselves.

Taking one from SQLAlchemy's pool and beginning on it takes five times as long as SQLite takes for a read (29 µs, measured),
and on PostgreSQL the driver's BEGIN and the durability would be a round trip each.
"""

import math
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Engine

from core.adapters.sql.prepared import Prepared
from core.ports import Durability

READ, FULL, RELAXED = None, Durability.FULL, Durability.RELAXED


class Open(ABC):
    """A connection within its transaction, or at rest."""

    run: Prepared

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        """SQLAlchemy's, for the statements that it runs itself: they are part of the same transaction."""
        self.driver: Any = connection.connection.driver_connection  # each driver has a type of its own
        self.rests_since = math.inf
        self.meanwhile: Callable[[], None] = nothing
        """Done while a server writes the end of this transaction."""

    @abstractmethod
    def begin(self, durability: Durability | None) -> None:
        """Of a transaction that reads, or that writes so durably. Like the others here it raises the driver's errors."""

    @abstractmethod
    def shared(self) -> Connection:
        """SQLAlchemy's, after all that was said here."""

    @abstractmethod
    def commit(self) -> None:
        """Ends the transaction well. Raises what its statements still had to say."""

    @abstractmethod
    def undo(self) -> None:
        """Ends it, whatever has happened."""

    @abstractmethod
    def alive(self) -> bool:
        """Whether it can be used after a rest."""


class Connections:
    """Those of one engine, as many as there were transactions at once."""

    def __init__(self, engine: Engine) -> None:
        # What speaks to the other engine is not loaded.
        self._open: Callable[[Engine], Open] = import_module(f"core.adapters.sql.on_{engine.dialect.name}").opened
        self._engine = engine
        self._idle: deque[Open] = deque()

    @contextmanager
    def begun(self, durability: Durability | None) -> Iterator[Open]:
        """A transaction: one that reads, or one that writes so durably. Raises the driver's errors and SQLAlchemy's."""
        with self.lent() as taken:
            taken.meanwhile = nothing
            taken.begin(durability)
            yield taken
            taken.commit()

    @contextmanager
    def lent(self) -> Iterator[Open]:
        """For one question, which is of one instant by itself. Raises likewise."""
        taken = self._taken()
        try:
            yield taken
        except BaseException:
            self._undone(taken)
            raise
        self._rest(taken)

    def _taken(self) -> Open:
        while True:
            try:
                idle = self._idle.pop()
            except IndexError:
                return self._open(self._engine)
            if idle.alive():
                return idle
            _thrown_away(idle)

    def _rest(self, taken: Open) -> None:
        taken.rests_since = time.monotonic()
        self._idle.append(taken)

    def _undone(self, taken: Open) -> None:
        try:
            taken.undo()
        except Exception:  # noqa: BLE001  # of whatever kind: a connection that cannot even forget is worth nothing
            _thrown_away(taken)
        else:
            self._rest(taken)

    def close(self) -> None:
        """Lets those at rest go."""
        while self._idle:
            self._idle.pop().shared().close()


def nothing() -> None:
    """What is done meanwhile, as a rule."""


def _thrown_away(broken: Open) -> None:
    with suppress(Exception):
        broken.connection.invalidate()
    with suppress(Exception):
        broken.connection.close()
