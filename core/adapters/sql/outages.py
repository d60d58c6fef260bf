"""Reduces the load during a database outage. Only one transaction at a time tries to reach the database.

All other transactions fail quickly.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Dialect
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.adapters.sql.commits import CommitUnansweredError
from core.ports import StoreUnavailable

LOST = ("08", "57P0", "25006")
"""SQLSTATE codes, or their first characters, of errors that make a connection unusable.

The connection is broken, the server is shutting down, or the server is read-only.
"""
PATIENCE_SECONDS = 0.2


def mark_lost_connection(context: ExceptionContext) -> None:
    """Tell SQLAlchemy when a connection is lost, so that it discards all pooled connections.

    Register this function as a listener for the `handle_error` event of a PostgreSQL engine. SQLAlchemy already notices
    connections that the driver has closed.
    """
    state: str | None = getattr(context.original_exception, "sqlstate", None)
    if context.connection is None or (state or "").startswith(LOST):
        context.is_disconnect = True


def is_connection_lost(error: BaseException) -> bool:
    """Return whether the error means that the connection to a writable PostgreSQL server was lost."""
    if isinstance(error, CommitUnansweredError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


@contextmanager
def translate_errors(dialect: Dialect) -> Iterator[None]:
    """Raise StoreUnavailable in place of the errors of SQLAlchemy and the driver.

    Errors about violated constraints are raised unchanged, because the caller handles them.
    """
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
    """Admits transactions to the database. While it does not answer, admits only one transaction at a time."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._trying = Lock()
        self.is_database_away = False
        """True if the database did not answer the last transaction."""

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Run the `with` block as one transaction.

        Raises StoreUnavailable if the database fails. Also raises it if the database does not answer and another
        transaction is already trying to reach it.
        """
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
        """Wait until this transaction may try to reach the database, and return True.

        Return False if the database has answered another transaction. Raises StoreUnavailable if another transaction is
        still trying.
        """
        taken = self._trying.acquire(timeout=PATIENCE_SECONDS)
        if self.is_database_away and not taken:
            raise StoreUnavailable("no answer yet")
        if taken and not self.is_database_away:
            self._trying.release()
            return False
        return taken
