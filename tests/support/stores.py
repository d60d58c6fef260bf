"""Every kind of store, by name: the suites that are parametrised over stores take them from here.

PostgreSQL is one more entry: a context manager that yields a Store and, if it has one, its engine.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, event, func, select

from core.adapters.memory import MemoryStore
from core.adapters.sql import schema
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import events, outbox
from core.bootstrap import states_by_flow
from core.policy import Policy
from core.ports import Store


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


STORES: Mapping[str, Callable[[Path], AbstractContextManager[Kept]]] = {"memory": memory, "sqlite": sqlite}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that is sent meanwhile, without its values."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
