"""Spares the site a database that does not answer: connections to it are given up, and one transaction at a time tries again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from core.ports import Event, StoreUnavailable

LOST = ("08", "57P0", "25006")
"""SQLSTATEs, or their beginnings, of a connection that is worth nothing now: broken, shut down, or on a server that only reads."""
PATIENCE_SECONDS = 0.2


class CommitUnanswered(Exception):
    """Nobody answered the COMMIT of a transaction that wrote this event, on the connection of that server process."""

    def __init__(self, event: Event, backend: int) -> None:
        super().__init__(event.act)
        self.event, self.backend = event, backend


def is_connection_lost(engine: Engine, error: BaseException) -> bool:
    """Return whether the error says that the connection leads to no PostgreSQL server that takes writes."""
    if engine.dialect.name != "postgresql":
        return False
    cause = error.__cause__ if isinstance(error, CommitUnanswered) else error
    original = cause.orig if isinstance(cause, DBAPIError) else cause
    if not isinstance(original, engine.dialect.loaded_dbapi.Error):
        return False
    state: str | None = original.sqlstate
    return state.startswith(LOST) if state else isinstance(original, engine.dialect.loaded_dbapi.OperationalError)


@contextmanager
def detect_unanswered_commit(connection: Connection, written: Sequence[Event]) -> Iterator[None]:
    """Run a COMMIT. Raises CommitUnanswered when its answer is lost, if the transaction wrote an event to find it by."""
    driver: Any = connection.connection.driver_connection
    backend = driver.info.backend_pid if connection.dialect.name == "postgresql" else 0
    try:
        yield
    except Exception as error:
        if written and is_connection_lost(connection.engine, error):
            raise CommitUnanswered(written[-1], backend) from error
        raise


class DatabaseOutageGate:
    """Admits transactions to an engine's database: all of them, or one at a time while it does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._trying = Lock()
        self.is_database_away = False
        """True if the database failed to answer the last time."""

    @contextmanager
    def admit_transaction(self) -> Iterator[None]:
        """Run one transaction. Raises StoreUnavailable at once when another is trying a database that does not answer."""
        alone = self.is_database_away and self._take_turn()
        try:
            yield
            self.is_database_away = False
        except BaseException as error:
            self.is_database_away = is_connection_lost(self._engine, error)
            if self.is_database_away:
                self._engine.dispose()  # the other connections lead to the same server
            raise
        finally:
            if alone:
                self._trying.release()

    def _take_turn(self) -> bool:
        """Return whether this transaction is to try alone; not when another was answered meanwhile. Raises StoreUnavailable."""
        taken = self._trying.acquire(timeout=PATIENCE_SECONDS)
        if self.is_database_away and not taken:
            raise StoreUnavailable("no answer yet")
        if taken and not self.is_database_away:
            self._trying.release()
            return False
        return taken
