"""Opens the kinds of store for parametrised tests.

Each function is a context manager that yields a store and its engine.
"""

import atexit
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast
from unittest.mock import patch

from sqlalchemy import Column, Engine, create_engine, delete, event, select, text

from core.adapters.sql import schema_upgrade
from core.adapters.sql.engine import open_engine, temporary_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import events, metadata, outbox, recoveries
from core.adapters.sql.transaction import SqlTransaction
from core.flows.registry import states_by_flow
from core.ports import Store, StoreUnavailable, Transaction
from tests.support.election import SeededRandomSource, vault
from tests.support.postgres import postgres

T = TypeVar("T")
ROWS = RowAuthenticator(vault(SeededRandomSource()))
"""Row authenticator that all stores in tests use."""


@dataclass(frozen=True, slots=True)
class KeptStore:
    """A store, its engine, and functions to read and restore its data."""

    store: Store
    engine: Engine

    def copied(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:")
        with closing(self.engine.raw_connection()) as connection:
            connection.driver_connection.backup(copy)  # type: ignore[union-attr]  # sqlite3's
        return copy

    def put_back(self, copy: sqlite3.Connection) -> None:
        """Restore the SQLite database from a copy."""
        with closing(self.engine.raw_connection()) as connection:
            copy.backup(connection.driver_connection)  # type: ignore[arg-type]  # sqlite3's

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Restore the SQLite database to its present state after the block."""
        with closing(self.copied()) as before:
            yield
            self.put_back(before)

    def column(self, column: Column[T]) -> list[T]:
        """Return the values of one column in all rows, ordered by primary key."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(column).order_by(*column.table.primary_key)).scalars())

    def events(self) -> int:
        return len(self.column(events.c.id))

    def cases(self) -> int:
        return len(self.column(recoveries.c.number))

    def lines(self) -> list[tuple[str, str | None]]:
        """Return the type and reason of every event, oldest first."""
        return list(zip(self.column(events.c.act), self.column(events.c.reason), strict=True))

    def dump(self) -> str:
        """Return all data in the SQLite database as SQL. PostgreSQL has its own dump program."""
        with closing(self.engine.raw_connection()) as connection:
            assert connection.driver_connection is not None
            return "\n".join(connection.driver_connection.iterdump())

    def agents(self) -> list[str | None]:
        """Return the name of the agent of every event, oldest first."""
        return self.column(events.c.agent)

    def bodies(self) -> dict[int, bytes | None]:
        """Return the stored body of each message. The key is the message's id."""
        return dict(zip(self.column(outbox.c.id), self.column(outbox.c.sealed), strict=True))


@contextmanager
def sqlite(folder: Path) -> Iterator[KeptStore]:
    """Open a store on SQLite, in a file of the folder."""
    file = folder / "retrouve.sqlite3"
    file.write_bytes(_migrated())
    engine = open_engine(f"sqlite:///{file}")
    store = SqlStore(engine, states_by_flow(), ROWS)
    try:
        yield KeptStore(store, engine)
    finally:
        store.close()


@contextmanager
def leaving_after(store: Store, spared: int) -> Iterator[None]:
    """Make a store unavailable after `spared` more transactions, until the end of the block."""
    left = iter(range(spared))

    def counted(opened: Callable[..., AbstractContextManager[Transaction]]) -> Callable[..., object]:
        @contextmanager
        def open_or_leave(**named: bool) -> Iterator[Transaction]:
            if next(left, None) is None:
                raise StoreUnavailable("away")
            with opened(**named) as transaction:
                yield transaction

        return open_or_leave

    with patch.object(store, "read", counted(store.read)), patch.object(store, "write", counted(store.write)):
        yield


def until_exit() -> KeptStore:
    """Return an empty store on SQLite, which is deleted when the test run ends."""
    return _open.enter_context(sqlite(Path(_open.enter_context(TemporaryDirectory()))))


def create_tables(url: str) -> None:
    """Create the empty tables of this version."""
    with temporary_engine(url) as engine, engine.begin() as connection:
        schema_upgrade.upgrade_schema(connection)


@cache
def _migrated() -> bytes:
    """Return the content of an empty database file. Alembic makes it once per test run."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "blank.sqlite3"
        create_tables(f"sqlite:///{file}")
        return file.read_bytes()


@contextmanager
def postgresql(_folder: Path) -> Iterator[KeptStore]:
    """Open a store in a PostgreSQL database. A test run has one server, whose databases are emptied and used again."""
    kept = _free.pop() if _free else _opened_at(f"{new_database(BLANK)}{PATIENT}")
    yield kept
    _emptied(kept)
    _free.append(kept)


NO_FOREIGN_KEYS = text("SET LOCAL session_replication_role = replica")
"""SQL that switches off foreign key checks, so that all rows can be deleted."""
FROM_ONE = text("SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences")
TRUNCATE_ABOVE = 1000
"""Number of deleted rows above which a table is also truncated. They would slow down the next test."""
BLANK = "blank"
PATIENT = "?connect_timeout=60"
"""Timeout for connections. It is longer than in production, because a busy test machine accepts them slowly."""
_numbers = count(1)
_free: list[KeptStore] = []
_open = ExitStack()
atexit.register(_open.close)


@cache
def _server() -> str:
    """Start the PostgreSQL server of the test run, with a migrated template database."""
    url = _open.enter_context(postgres())
    _administer(url, f"CREATE DATABASE {BLANK}")
    create_tables(f"{url}/{BLANK}{PATIENT}")
    return url


def _opened_at(url: str) -> KeptStore:
    """Open a store, and close it before the server stops."""
    engine = open_engine(url)
    store = SqlStore(engine, states_by_flow(), ROWS)
    _open.callback(store.close)
    return KeptStore(store, engine)


def _emptied(kept: KeptStore) -> None:
    """Empty the database through the store's own connection.

    Deleting a few rows is ten times as fast as TRUNCATE, which creates new files for every table and index.
    """
    with kept.store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        connection = transaction.connection
        connection.execute(NO_FOREIGN_KEYS)
        for table in reversed(metadata.sorted_tables):
            if connection.execute(delete(table)).rowcount > TRUNCATE_ABOVE:
                connection.execute(text(f"TRUNCATE {table.name} CASCADE"))
        connection.execute(FROM_ONE)
    kept.engine.dispose()


def new_database(template: str = "template1") -> str:
    """Create a database from a template on the server of the test run, and return its URL. `BLANK` has our tables."""
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


class _OwnTransaction:
    """Calls each method of a port in a new transaction."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Transaction]], *path: str) -> None:
        self._begin, self._path = begin, path

    def __getattr__(self, name: str) -> "_OwnTransaction":
        return _OwnTransaction(self._begin, *self._path, name)

    def __call__(self, *args: object, **named: object) -> Any:  # noqa: ANN401  # whatever the method returns
        with self._begin() as transaction:
            return attrgetter(".".join(self._path))(transaction)(*args, **named)


def reading(store: Store) -> Transaction:
    """Return the ports of a store. Each call of a method runs in a read transaction of its own."""
    return cast("Transaction", _OwnTransaction(store.read))


def writing(store: Store) -> Transaction:
    """Return the ports of a store. Each call of a method runs in a write transaction of its own."""
    return cast("Transaction", _OwnTransaction(store.write))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Yield a list of the SQL statements that the block sends. It omits values and session settings."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
