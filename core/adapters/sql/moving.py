"""Moves a whole store to another database: one transaction there, nothing written here, compared before it counts."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text

from core.adapters.sql import schema
from core.adapters.sql.engine import WRITES
from core.adapters.sql.tables import metadata

ROWS_AT_ONCE = 5_000
MANY = 5_000
"""Rows from which on a table is counted for PostgreSQL's plans. One that was counted as empty would be read whole by every
question of the opening's first minutes, until it is counted again; one that was never counted is read by its indices."""
READINGS = 3
"""Each row is read here, read again there, and read again here."""
VERSIONS = "alembic_version"
MODULUS = 1 << 256
TABLES: Sequence[Table] = metadata.sorted_tables
"""What others refer to comes first."""
Progress = Callable[[int], None]
"""Given how many more rows were read."""


class MoveRefused(Exception):
    """Nothing was left in the target; `table` is where the reason is."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class TargetNotEmpty(MoveRefused):
    """Something is there already."""


class SourceChanged(MoveRefused):
    """Somebody wrote to the source meanwhile."""


class CopyDiffers(MoveRefused):
    """What was written does not read as it was."""


@dataclass(slots=True)
class Tally:
    """What a table holds, whatever the order of its rows: how many, and the sum of their digests."""

    rows: int = 0
    total: int = 0

    def add(self, row: Sequence[object]) -> None:
        """Counts one in."""
        digest = hashlib.sha256(msgspec.msgpack.encode(tuple(row))).digest()
        self.rows, self.total = self.rows + 1, (self.total + int.from_bytes(digest)) % MODULUS

    @property
    def short(self) -> str:
        """For a person to compare."""
        return f"{self.total:064x}"[:16]


def size(source: Engine) -> int:
    """How many rows there are."""
    with _one_instant(source) as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)


def move(source: Engine, target: Engine, progress: Progress) -> Mapping[str, Tally]:
    """Copies everything and returns what each table holds. Raises MoveRefused, SQLAlchemyError.

    The target commits last: interrupted at any instant, it is as it was, its tables included.
    """
    with target.connect() as there:
        there.execution_options(**WRITES)
        with there.begin():
            _prepare(there)
            with _one_instant(source) as here:
                moved = {table.name: _copy(table, here, there, progress) for table in TABLES}
            _go_on_numbering(there)
            _require_equal(there, moved, CopyDiffers, progress)
            with _one_instant(source) as here:
                _require_equal(here, moved, SourceChanged, progress)
    return moved


@contextmanager
def _one_instant(engine: Engine) -> Iterator[Connection]:
    """Reads of one snapshot; SQLite's always are."""
    remote = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        if remote:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def _prepare(there: Connection) -> None:
    """This version's tables, empty, and ours alone until the end."""
    found = set(inspect(there).get_table_names())
    if strange := found - {table.name for table in TABLES} - {VERSIONS}:
        raise TargetNotEmpty(min(strange))
    schema.upgrade_within(there)
    for table in TABLES:
        if there.dialect.name == "postgresql":
            there.execute(text(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE"))
        if there.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise TargetNotEmpty(table.name)


def _copy(table: Table, here: Connection, there: Connection, progress: Progress) -> Tally:
    tally, names = Tally(), table.columns.keys()
    with _batches(table, here) as batches:
        for rows in batches:
            for row in rows:
                tally.add(row)
            there.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
            progress(len(rows))
    return tally


@contextmanager
def _batches(table: Table, connection: Connection) -> Iterator[Iterator[Sequence[Sequence[object]]]]:
    """In the order of their key, so that the copy lies as its original."""
    rows = select(table).order_by(*table.primary_key.columns)
    with connection.execute(rows, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        yield result.partitions()


def _go_on_numbering(there: Connection) -> None:
    """PostgreSQL numbers by counters of their own, and plans by what it has counted; SQLite looks at the rows."""
    if there.dialect.name != "postgresql":
        return
    for table in TABLES:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            there.execute(select(func.setval(sequence, func.coalesce(func.max(column) + 1, 1), False)))  # noqa: FBT003  # PostgreSQL's is_called
        if there.execute(select(1).select_from(table).offset(MANY).limit(1)).first() is not None:
            there.execute(text(f"ANALYZE {table.name}"))


def _require_equal(
    connection: Connection, moved: Mapping[str, Tally], refusal: type[MoveRefused], progress: Progress
) -> None:
    for table in TABLES:
        if _tally(table, connection, progress) != moved[table.name]:
            raise refusal(table.name)


def _tally(table: Table, connection: Connection, progress: Progress) -> Tally:
    tally = Tally()
    with _batches(table, connection) as batches:
        for rows in batches:
            for row in rows:
                tally.add(row)
            progress(len(rows))
    return tally
