"""Admits only one transaction at a time while the database is unavailable."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Dialect
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.adapters.sql.commits import CommitUnansweredError
from core.ports import StoreUnavailable

OUTAGE_CLASSES = ("08", "57P0", "25006")
"""SQLSTATE prefixes that mean a lost connection, or a server that is down or read-only."""
PATIENCE_SECONDS = 0.2


def mark_lost_connection(context: ExceptionContext) -> None:
    """Tell SQLAlchemy that a connection to PostgreSQL is lost. SQLAlchemy then discards all pooled connections."""
    state: str | None = getattr(context.original_exception, "sqlstate", None)
    if context.connection is None or (state or "").startswith(OUTAGE_CLASSES):
        context.is_disconnect = True


def is_connection_lost(error: BaseException) -> bool:
    if isinstance(error, CommitUnansweredError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


@contextmanager
def translate_errors(dialect: Dialect) -> Iterator[None]:
    """Convert driver errors to StoreUnavailable, except violations of constraints."""
    driver = dialect.loaded_dbapi
    try:
        yield
    except (IntegrityError, driver.IntegrityError):
        raise
    except PoolTimeout as busy:
        raise StoreUnavailable("every connection is in use") from busy
    except DBAPIError as error:
        raise StoreUnavailable(type(error.__cause__ or error).__name__) from error
    except driver.Error as error:
        raise StoreUnavailable(type(error).__name__) from error


class OutageGate:
    """Admits transactions to the database. During an outage, admits only one transaction at a time."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._trying = Lock()
        self.is_database_away = False

    @contextmanager
    def admit(self) -> Iterator[None]:
        alone = self.is_database_away and self._take_turn()
        try:
            yield
            self.is_database_away = False
        except BaseException as error:
            self.is_database_away = is_connection_lost(error)
            with translate_errors(self._dialect):
                raise
        finally:
            if alone:
                self._trying.release()

    def _take_turn(self) -> bool:
        """Return whether this transaction must test the database. Raises StoreUnavailable during another test."""
        taken = self._trying.acquire(timeout=PATIENCE_SECONDS)
        if self.is_database_away and not taken:
            raise StoreUnavailable("no answer yet")
        if taken and not self.is_database_away:
            self._trying.release()
            return False
        return taken
