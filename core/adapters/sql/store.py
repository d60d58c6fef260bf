from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from core.adapters.sql import commits
from core.adapters.sql.database_check import SERVER_CLOCK, AnnouncedKey, DatabaseTablesAndKeysCheck
from core.adapters.sql.engine import WRITES
from core.adapters.sql.outages import OutageGate
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sqlite_writers import WriterTurns
from core.adapters.sql.tables import EPOCH, MICROSECOND
from core.adapters.sql.transaction import SqlTransaction
from core.ports import StoreUnavailable, Transaction

CLOCKS_APART = timedelta(seconds=2)


class SqlStore:
    """Opens database transactions. `states` maps each flow's slug to the type of its states.

    If the parent process has `checked` the database, it is checked again only after an outage.
    """

    def __init__(
        self,
        engine: Engine,
        states: Mapping[str, Any],
        rows: RowAuthenticator,
        check: DatabaseTablesAndKeysCheck | None = None,
        *,
        checked: bool = False,
    ) -> None:
        self.engine = engine
        self._turns = WriterTurns(Path(engine.url.database or "")) if engine.dialect.name == "sqlite" else None
        self._writing = engine.execution_options(**WRITES)
        # Transactions must read one snapshot. Otherwise a link could look unused to a voter who has just used it.
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ") if self._turns is None else engine
        self._rows = rows
        self.outages = OutageGate(engine.dialect)
        self.on_altered: Callable[[str], None] = lambda _table: None
        self._check = check
        self.checked = checked or check is None
        self._states = {slug: msgspec.json.Decoder(union) for slug, union in states.items()}

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        if not self.checked or self.outages.is_database_away:
            self._check_again()
        with self.outages.admit(), self._reading.begin() as connection:
            self._follow_database(connection)
            yield SqlTransaction(connection, self._states, self._rows)
        if self._rows.altered_tables:
            self._report_altered_tables()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        if not self.checked or self.outages.is_database_away:
            self._check_again()
        turn = nullcontext() if self._turns is None else self._turns.take()
        try:
            with turn, self.outages.admit(), self._writing.connect() as connection:
                self._follow_database(connection)
                transaction = SqlTransaction(connection, self._states, self._rows)
                yield transaction
                commits.commit(connection, transaction.written)
        except commits.CommitUnansweredError as lost:
            commits.require_committed(self.engine, lost)
        if self._rows.altered_tables:
            self._report_altered_tables()

    def _report_altered_tables(self) -> None:
        with suppress(KeyError):  # another thread has taken the last table
            while self._rows.altered_tables:
                self.on_altered(self._rows.altered_tables.pop())

    def check(self) -> None:
        self.checked = False
        if self._check is not None:
            with self.outages.admit():
                self._check(self.engine)
        self.checked = True

    def _check_again(self) -> None:
        """Check the database before the first transaction and after each outage. Raises StoreUnavailable."""
        if self._check is None:
            return
        clock = self._check.clock
        followed = clock.follows_database
        self.check()
        if not followed and clock.clock_difference_lower_bound() > CLOCKS_APART:
            raise StoreUnavailable("the clock was wrong and has been corrected")

    def missing_key(self) -> AnnouncedKey | None:
        return None if self._check is None else self._check.missing_key()

    def _follow_database(self, connection: Connection) -> None:
        """Regularly read the newest key's id and the time from the database."""
        if self._check is None:
            return
        if self._check.is_key_check_due:
            self._check.read_announced_key(connection)
        if self._turns is None and self._check.clock.is_query_due:
            self._check.clock.synchronise_with_database(
                lambda: EPOCH + connection.exec_driver_sql(SERVER_CLOCK).scalar_one() * MICROSECOND
            )

    def close(self) -> None:
        self.engine.dispose()
