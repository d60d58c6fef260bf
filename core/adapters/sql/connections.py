"""Connections kept open between transactions, each with a cursor: we say BEGIN ourselves, in one round trip.

Taking one from SQLAlchemy's pool and beginning on it takes five times as long as SQLite takes for a read (29 µs, measured),
and on PostgreSQL the driver's BEGIN and the durability would be a round trip each.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine

from core.adapters.sql.engine import RESTED_SECONDS, SYNCHRONOUS
from core.ports import Durability

READ, FULL, RELAXED = None, Durability.FULL, Durability.RELAXED
BEGIN_ON_POSTGRESQL = {
    # Reads of one transaction must be of one instant, or a link could look unused by a voter who has just used it.
    # SQLite always reads so.
    READ: "BEGIN ISOLATION LEVEL REPEATABLE READ",
    FULL: "BEGIN",
    RELAXED: "BEGIN; SET LOCAL synchronous_commit = off",
}


class Open:
    """A connection within its transaction, or at rest."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        """SQLAlchemy's, for the statements that it runs itself: they are part of the same transaction."""
        driver: Any = connection.connection.driver_connection  # each driver has a type of its own
        self.driver = driver
        self.cursor: Any = driver.cursor()
        self.durability: Durability | None = None
        """The last one asked for, on SQLite."""
        self.rests_since = math.inf

    def commit(self) -> None:
        """Ends the transaction well."""
        if self.connection.in_transaction():
            self.connection.commit()
        else:
            self.driver.commit()

    def undo(self) -> None:
        """Ends it, whatever has happened. Raises the driver's errors."""
        if self.connection.in_transaction():
            self.connection.rollback()
        self.driver.rollback()


class Connections:
    """Those of one engine, as many as there were transactions at once."""

    def __init__(self, engine: Engine) -> None:
        self._on_sqlite = engine.dialect.name == "sqlite"
        self._engine = engine if self._on_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._begin: Callable[[Open, Durability | None], None] = _on_sqlite if self._on_sqlite else _on_postgresql
        self._idle: deque[Open] = deque()

    @contextmanager
    def begun(self, durability: Durability | None) -> Iterator[Open]:
        """A transaction: one that reads, or one that writes so durably. Raises the driver's errors and SQLAlchemy's."""
        taken = self._taken()
        try:
            self._begin(taken, durability)
            yield taken
            taken.commit()
        except BaseException:
            self._undone(taken)
            raise
        self._rest(taken)

    def _taken(self) -> Open:
        while True:
            try:
                idle = self._idle.pop()
            except IndexError:
                return Open(self._engine.connect())
            if self._on_sqlite or time.monotonic() - idle.rests_since < RESTED_SECONDS or self._alive(idle):
                return idle

    def _alive(self, idle: Open) -> bool:
        """A server that was started again has forgotten the connections that rest here."""
        try:
            self._engine.dialect.do_ping(idle.connection.connection.dbapi_connection)  # type: ignore[arg-type]  # it is open
        except self._engine.dialect.loaded_dbapi.Error:
            _thrown_away(idle)
            return False
        return True

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
            self._idle.pop().connection.close()


def _thrown_away(broken: Open) -> None:
    with suppress(Exception):
        broken.connection.invalidate()
    with suppress(Exception):
        broken.connection.close()


def _on_sqlite(taken: Open, durability: Durability | None) -> None:
    if durability is None:
        taken.cursor.execute("BEGIN")
        return
    if durability is not taken.durability:
        taken.cursor.execute(f"PRAGMA synchronous = {SYNCHRONOUS[durability]}")
        taken.durability = durability
    taken.cursor.execute("BEGIN IMMEDIATE")


def _on_postgresql(taken: Open, durability: Durability | None) -> None:
    taken.cursor.execute(BEGIN_ON_POSTGRESQL[durability], prepare=False)  # two commands in one cannot be prepared
