"""The port Store on SQL: each transaction gives every port its connection."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.adapters.sql.database_outage_gate import CommitUnanswered, DatabaseOutageGate, detect_unanswered_commit
from core.adapters.sql.database_tables_and_keys_check import SERVER_CLOCK, DatabaseTablesAndKeysCheck
from core.adapters.sql.driver_statement_executor import ImmediateSqliteDriver, StatementDriver
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sql_transaction import SqlTransaction
from core.adapters.sql.sqlite_writers import hold_writer_lock_file
from core.adapters.sql.tables import EPOCH, MICROSECOND
from core.ports import CommitOutcomeUnknown, StoreUnavailable, Transaction

CLOCKS_APART = timedelta(seconds=2)


class SqlStore:
    """Opens transactions on an engine, the first one once the database has passed the check.

    `states` gives each flow's union of states, by its slug.
    """

    def __init__(
        self,
        engine: Engine,
        states: Mapping[str, Any],
        rows: RowAuthenticator,
        check: DatabaseTablesAndKeysCheck | None = None,
    ) -> None:
        self.engine = engine
        self._rows = rows
        database = engine.url.database if engine.dialect.name == "sqlite" else None
        self._file = Path(database) if database else None
        self._gate = DatabaseOutageGate(engine)
        if engine.dialect.name == "postgresql":  # loaded now: the package may have been replaced when it is needed
            import_module("core.adapters.sql.unanswered_commit_lookup")
        self.on_altered: Callable[[str], None] = lambda _table: None
        """Told of a table, outside of any transaction, when one of its rows was refused."""
        self._check = check
        self._checked = check is None
        self._states = {slug: msgspec.json.Decoder(union) for slug, union in states.items()}

    @contextmanager
    def read(self, *, one_instant: bool = True) -> Iterator[Transaction]:
        with translate_errors(self.engine.dialect):
            self._require_checked()
            with (
                self._gate.admit_transaction(),
                self._transaction(writes=False, one_instant=one_instant) as transaction,
            ):
                yield transaction
        self._tell_altered()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with translate_errors(self.engine.dialect):
            self._require_checked()
            lock = nullcontext() if self._file is None else hold_writer_lock_file(self._file)
            with lock, self._found_out(), self._gate.admit_transaction(), self._transaction(writes=True) as transaction:
                yield transaction
        self._tell_altered()

    def _tell_altered(self) -> None:
        for table in self._rows.altered_tables_to_report():
            self.on_altered(table)

    def check(self) -> None:
        """Check the database again; no transaction begins until it passes. Raises DatabaseRefused, StoreUnavailable."""
        self._checked = False
        if self._check is not None:
            with translate_errors(self.engine.dialect), self._gate.admit_transaction():
                self._check(self.engine)
        self._checked = True

    def _require_checked(self) -> None:
        """Check the database before the first transaction, and again once it is back. Raises StoreUnavailable."""
        if self._check is None or (self._checked and not self._gate.is_database_away):
            return
        clock = self._check.clock
        followed = clock.follows_database
        self.check()
        if not followed and clock.clock_difference_lower_bound() > CLOCKS_APART:
            raise StoreUnavailable("the caller's time was not the database's")  # and so nothing may be done with it

    @contextmanager
    def _transaction(self, *, writes: bool, one_instant: bool = True) -> Iterator[SqlTransaction]:
        """Run a transaction on a pooled connection. Raises CommitUnanswered."""
        pool = self.engine.pool  # read first: another thread may give it up as soon as it has lent the connection
        with self.engine.connect() as connection:
            dialect, driver = _driver(connection)
            try:
                driver.begin(writes=writes, one_instant=one_instant)
                # Ask the server's clock now and then: hosts must agree on the time.
                if self._check is not None and self._file is None and self._check.clock.is_query_due:
                    self._check.clock.synchronise_with_database(
                        lambda: EPOCH + driver.rows(SERVER_CLOCK, ())[0][0] * MICROSECOND
                    )
                transaction = SqlTransaction(connection, driver, dialect, self._states, self._rows)
                yield transaction
                with detect_unanswered_commit(connection, transaction.written):
                    driver.commit()
            except BaseException:
                _roll_back(connection, driver)
                raise
            finally:
                if self.engine.pool is not pool:  # given up meanwhile: nobody would close this connection
                    connection.invalidate()

    @contextmanager
    def _found_out(self) -> Iterator[None]:
        """End like the transaction whose COMMIT was not answered. Raises CommitOutcomeUnknown, StoreUnavailable."""
        try:
            yield
        except CommitUnanswered as lost:
            from core.adapters.sql.unanswered_commit_lookup import was_committed  # noqa: PLC0415

            done = was_committed(self.engine, lost.event, lost.backend)
            if done is None:
                raise CommitOutcomeUnknown(lost.event.act) from lost
            if not done:
                raise StoreUnavailable("COMMIT was not answered") from lost

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _driver(connection: Connection) -> tuple[Dialect, StatementDriver]:
    """Return the dialect and the driver for a transaction's statements. psycopg is loaded for PostgreSQL only."""
    if connection.dialect.name == "sqlite":
        return connection.dialect, ImmediateSqliteDriver(connection)
    from core.adapters.sql.postgresql_pipeline import dialect_with_numbered_parameters, pipeline_of_pooled_connection  # noqa: PLC0415

    return dialect_with_numbered_parameters(connection.dialect), pipeline_of_pooled_connection(connection)


def _roll_back(connection: Connection, driver: StatementDriver) -> None:
    if connection.invalidated:  # SQLAlchemy met the connection's end itself
        return
    try:
        driver.roll_back()
    except connection.dialect.loaded_dbapi.Error:
        connection.invalidate()  # a connection that cannot even roll back is worth nothing


@contextmanager
def translate_errors(dialect: Dialect) -> Iterator[None]:
    """Raise StoreUnavailable for errors of SQLAlchemy and of the driver. A violated constraint is the caller's to handle."""
    driver = dialect.loaded_dbapi
    try:
        yield
    except (IntegrityError, driver.IntegrityError):
        raise
    except (DBAPIError, PoolTimeout) as error:
        raise StoreUnavailable(type(error.__cause__ or error).__name__) from error
    except driver.Error as error:
        raise StoreUnavailable(type(error).__name__) from error
