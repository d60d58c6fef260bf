"""Every kind of store, by name: the suites that are parametrised over stores take them from here.

Each is a context manager that yields a Store and, if it has one, its engine.
"""

import atexit
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from sqlalchemy import Engine, create_engine, delete, event, func, select, text

from core.adapters.memory import MemoryStore
from core.adapters.sql import schema
from core.adapters.sql.engine import open_engine
from core.adapters.sql.on_postgresql import numbered
from core.adapters.sql.prepared import Plan, Prepared, Statement, Values
from core.adapters.sql.store import SqlStore, SqlTransaction
from core.adapters.sql.tables import events, metadata, outbox
from core.bootstrap import states_by_flow
from core.policy import Policy
from core.ports import Store
from tests.support.postgres import postgres


@dataclass(frozen=True, slots=True)
class Kept:
    """A store, and the engine under it where there is one."""

    store: Store
    engine: Engine | None = None

    def events(self) -> int:
        """How many lines the whole journal has."""
        if self.engine is None:
            assert isinstance(self.store, MemoryStore)
            return len(self.store._shelf.events)
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(events)).scalar_one()

    def lines(self) -> list[tuple[str, str | None]]:
        """What the whole journal says happened and why, oldest first, whatever the case."""
        if self.engine is None:
            assert isinstance(self.store, MemoryStore)
            return [(event.act, event.reason) for event in self.store._shelf.events.values()]
        with self.engine.connect() as connection:
            rows = connection.execute(select(events.c.act, events.c.reason).order_by(events.c.id)).all()
        return [(row.act, row.reason) for row in rows]

    def dump(self) -> str:
        """All that is kept, as whoever steals it reads it. PostgreSQL has a program of its own for that."""
        if self.engine is None:
            assert isinstance(self.store, MemoryStore)
            return repr(self.store._shelf)
        with closing(self.engine.raw_connection()) as connection:
            assert connection.driver_connection is not None
            return "\n".join(connection.driver_connection.iterdump())

    def agents(self) -> list[str | None]:
        """Who at the desk each line of the whole journal names, oldest first."""
        if self.engine is None:
            assert isinstance(self.store, MemoryStore)
            return [event.agent for event in self.store._shelf.events.values()]
        with self.engine.connect() as connection:
            return list(connection.execute(select(events.c.agent).order_by(events.c.id)).scalars())

    def bodies(self) -> dict[int, bytes | None]:
        """What is kept of each message, ended or not: no port gives it back."""
        if self.engine is None:
            assert isinstance(self.store, MemoryStore)
            return {parcel.id: parcel.sealed for parcel in self.store._shelf.parcels.values()}
        with self.engine.connect() as connection:
            rows = connection.execute(select(outbox.c.id, outbox.c.sealed)).all()
        return {row.id: row.sealed for row in rows}


@contextmanager
def memory(_folder: Path) -> Iterator[Kept]:
    """The twin in memory."""
    yield Kept(MemoryStore())


@contextmanager
def sqlite(folder: Path) -> Iterator[Kept]:
    """SQLite in a file."""
    file = folder / "retrouve.sqlite3"
    file.write_bytes(_migrated())
    engine = open_engine(f"sqlite:///{file}")
    store = SqlStore(engine, states_by_flow(Policy()))
    try:
        yield Kept(store, engine)
    finally:
        store.close()


@cache
def _migrated() -> bytes:
    """A database file at this version's tables, as Alembic leaves it; made once."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "blank.sqlite3"
        engine = open_engine(f"sqlite:///{file}")
        schema.upgrade(engine)
        engine.dispose()
        return file.read_bytes()


@contextmanager
def postgresql(_folder: Path) -> Iterator[Kept]:
    """PostgreSQL, a database of its own on the one server of the run; emptied for whoever comes next, its connections kept."""
    kept = _free.pop() if _free else _opened_at(f"{_server()}/{_created(f'retrouve_{next(_numbers)}')}")
    yield kept
    _emptied(kept)
    _free.append(kept)


ALONE = text("SET LOCAL session_replication_role = replica")
"""Foreign keys are not looked up: nothing is left that they could want."""
FROM_ONE = text("SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences")
MANY = 1000
"""Rows that would be in the way of whoever comes next, though they are deleted."""
BLANK = "blank"
_numbers = count(1)
_free: list[Kept] = []
_open = ExitStack()
atexit.register(_open.close)


@cache
def _server() -> str:
    """Started at the first need, with a database at this version's tables; stopped when the run ends."""
    url = _open.enter_context(postgres())
    _administer(url, f"CREATE DATABASE {BLANK}")
    engine = open_engine(f"{url}/{BLANK}")
    schema.upgrade(engine)
    engine.dispose()
    return url


def _opened_at(url: str) -> Kept:
    """Closed before the server stops."""
    engine = open_engine(url)
    store = SqlStore(engine, states_by_flow(Policy()))
    _open.callback(store.close)
    return Kept(store, engine)


def _emptied(kept: Kept) -> None:
    """By the store's own connection; those that a test opened beside it are met by no other.

    To delete a few rows takes a tenth of what TRUNCATE takes, which begins every file of every table and index anew.
    """
    assert kept.engine is not None
    with kept.store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        connection = transaction.begun.shared()
        connection.execute(ALONE)
        for table in reversed(metadata.sorted_tables):
            if connection.execute(delete(table)).rowcount > MANY:
                connection.execute(text(f"TRUNCATE {table.name} CASCADE"))
        connection.execute(FROM_ONE)
    kept.engine.dispose()


def _created(name: str) -> str:
    _administer(_server(), f"CREATE DATABASE {name} TEMPLATE {BLANK}")
    return name


def _administer(url: str, command: str) -> None:
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


STORES: Mapping[str, Callable[[Path], AbstractContextManager[Kept]]] = {
    "memory": memory,
    "sqlite": sqlite,
    "postgresql": postgresql,
}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that is sent meanwhile to that engine, without its values and without what a connection is set to."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    def plan(prepared: Prepared, statement: Statement, values: Values) -> Plan:
        made = unwatched(prepared, statement, values)
        if prepared.dialect in {engine.dialect, numbered(engine.dialect)}:
            sent.append(made.sql)
        return made

    unwatched = Prepared._plan
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(Prepared, "_plan", plan):
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
