"""Spares the site a database that does not answer: one transaction at a time tries again."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from core.adapters.sql.commits import CommitUnansweredError
from core.ports import StoreUnavailable

LOST = ("08", "57P0", "25006")
"""SQLSTATEs, or their beginnings, of a connection that is worth nothing now: broken, shut down, or on a server that only reads."""
PATIENCE_SECONDS = 0.2


def mark_lost_connection(context: ExceptionContext) -> None:
    """Let SQLAlchemy give up all pooled connections. Listens to `handle_error` of an engine on PostgreSQL.

    SQLAlchemy itself recognises a connection that the driver found closed.
    """
    state: str | None = getattr(context.original_exception, "sqlstate", None)
    if context.connection is None or (state or "").startswith(LOST):
        context.is_disconnect = True


def is_connection_lost(error: BaseException) -> bool:
    """Return whether the error says that the connection leads to no PostgreSQL server that takes writes."""
    if isinstance(error, CommitUnansweredError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


class OutageGate:
    """Admits transactions to a database: all of them, or one at a time while it does not answer."""

    def __init__(self) -> None:
        self._trying = Lock()
        self.is_database_away = False
        """True if the database failed to answer the last time."""

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Run one transaction. Raises StoreUnavailable at once when another is trying a database that does not answer."""
        alone = self.is_database_away and self._take_turn()
        try:
            yield
            self.is_database_away = False
        except BaseException as error:
            self.is_database_away = is_connection_lost(error)
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
