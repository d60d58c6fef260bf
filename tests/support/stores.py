"""Every kind of store by name, for the suites that are parametrised over stores.

Each is a context manager that yields a Store and its engine.
"""

import atexit
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from sqlalchemy import Engine, create_engine, delete, event, func, select, text

from core.adapters.no_measurements_and_hash_timing import NoMeasurements
from core.adapters.sql import schema_upgrade
from core.adapters.sql.driver_statement_executor import CompiledStatement, DriverStatementExecutor, Statement, Values
from core.adapters.sql.engine import open_engine
from core.adapters.sql.postgresql_pipeline import dialect_with_numbered_parameters
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sql_transaction import SqlTransaction
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import events, metadata, outbox, recoveries
from core.flows.registry import states_by_flow
from core.ports import Store
from tests.support.election import SeededRandomSource, vault
from tests.support.postgres import postgres

ROWS = RowAuthenticator(vault(SeededRandomSource()), NoMeasurements())
"""The authenticator of the rows of every store here."""


@dataclass(frozen=True, slots=True)
class KeptStore:
    """A store, and its engine."""

    store: Store
    engine: Engine

    def copied(self) -> sqlite3.Connection:
        """Return a copy of the whole SQLite database."""
        copy = sqlite3.connect(":memory:")
        with closing(self.engine.raw_connection()) as connection:
            connection.driver_connection.backup(copy)  # type: ignore[union-attr]  # sqlite3's
        return copy

    def put_back(self, copy: sqlite3.Connection) -> None:
        """Make the SQLite database what that copy of it holds."""
        with closing(self.engine.raw_connection()) as connection:
            copy.backup(connection.driver_connection)  # type: ignore[arg-type]  # sqlite3's

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Put the SQLite database back to what it was before the block."""
        with closing(self.copied()) as before:
            yield
            self.put_back(before)

    def events(self) -> int:
        """Return the number of events in the whole journal."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(events)).scalar_one()

    def cases(self) -> int:
        """Return the number of stored cases."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(recoveries)).scalar_one()

    def lines(self) -> list[tuple[str, str | None]]:
        """Return the type and reason of every event, oldest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(events.c.act, events.c.reason).order_by(events.c.id)).all()
        return [(row.act, row.reason) for row in rows]

    def dump(self) -> str:
        """Return all stored data as a thief would read it; PostgreSQL has its own dump program for that."""
        with closing(self.engine.raw_connection()) as connection:
            assert connection.driver_connection is not None
            return "\n".join(connection.driver_connection.iterdump())

    def agents(self) -> list[str | None]:
        """Return the agent of every event, oldest first."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(events.c.agent).order_by(events.c.id)).scalars())

    def bodies(self) -> dict[int, bytes | None]:
        """Return the stored body of each message, which no port returns."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(outbox.c.id, outbox.c.sealed)).all()
        return {row.id: row.sealed for row in rows}


@contextmanager
def sqlite(folder: Path) -> Iterator[KeptStore]:
    """A store on SQLite in a file."""
    file = folder / "retrouve.sqlite3"
    file.write_bytes(_migrated())
    engine = open_engine(f"sqlite:///{file}")
    store = SqlStore(engine, states_by_flow(), ROWS)
    try:
        yield KeptStore(store, engine)
    finally:
        store.close()


def until_exit() -> KeptStore:
    """Return an empty store on SQLite that is kept until the run ends."""
    return _open.enter_context(sqlite(Path(_open.enter_context(TemporaryDirectory()))))


@cache
def _migrated() -> bytes:
    """Return a database file of this version, made once by Alembic."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "blank.sqlite3"
        engine = open_engine(f"sqlite:///{file}")
        schema_upgrade.upgrade_schema(engine)
        engine.dispose()
        return file.read_bytes()


@contextmanager
def postgresql(_folder: Path) -> Iterator[KeptStore]:
    """A store on PostgreSQL with its own database on the run's only server, emptied afterwards and used again."""
    kept = _free.pop() if _free else _opened_at(f"{new_database(BLANK)}{PATIENT}")
    yield kept
    _emptied(kept)
    _free.append(kept)


NO_FOREIGN_KEYS = text("SET LOCAL session_replication_role = replica")
"""Disables the foreign key checks, because all rows are deleted."""
FROM_ONE = text("SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences")
TRUNCATE_ABOVE = 1000
"""Above this number of rows, also deleted ones would slow the next test down."""
BLANK = "blank"
PATIENT = "?connect_timeout=60"
"""A server on a busy machine may take longer to accept a connection than a voter is let wait."""
_numbers = count(1)
_free: list[KeptStore] = []
_open = ExitStack()
atexit.register(_open.close)


@cache
def _server() -> str:
    """Start the server once, with a database of this version; it stops when the run ends."""
    url = _open.enter_context(postgres())
    _administer(url, f"CREATE DATABASE {BLANK}")
    engine = open_engine(f"{url}/{BLANK}{PATIENT}")
    schema_upgrade.upgrade_schema(engine)
    engine.dispose()
    return url


def _opened_at(url: str) -> KeptStore:
    """Open a store, which is closed before the server stops."""
    engine = open_engine(url)
    store = SqlStore(engine, states_by_flow(), ROWS)
    _open.callback(store.close)
    return KeptStore(store, engine)


def _emptied(kept: KeptStore) -> None:
    """Empty the database through the store's own connection; the next test uses no other.

    Deleting a few rows takes a tenth of the time of TRUNCATE, which makes new files for every table and index.
    """
    with kept.store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        connection = transaction.connection()
        connection.execute(NO_FOREIGN_KEYS)
        for table in reversed(metadata.sorted_tables):
            if connection.execute(delete(table)).rowcount > TRUNCATE_ABOVE:
                connection.execute(text(f"TRUNCATE {table.name} CASCADE"))
        connection.execute(FROM_ONE)
    kept.engine.dispose()


def new_database(template: str = "template1") -> str:
    """Create a database on the run's only server, empty or with the tables of `BLANK`, and return its URL."""
    name = f"retrouve_{next(_numbers)}"
    _administer(_server(), f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{_server()}/{name}"


def _administer(url: str, command: str) -> None:
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


STORES: Mapping[str, Callable[[Path], AbstractContextManager[KeptStore]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Yield the SQL sent to that engine in the block, without values and session settings."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    def plan(prepared: DriverStatementExecutor, statement: Statement, values: Values) -> CompiledStatement:
        made = unwatched(prepared, statement, values)
        if prepared.dialect in {engine.dialect, dialect_with_numbered_parameters(engine.dialect)}:
            sent.append(made.sql)
        return made

    unwatched = DriverStatementExecutor._compiled
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(DriverStatementExecutor, "_compiled", plan):
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
