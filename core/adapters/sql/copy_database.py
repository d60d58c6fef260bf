"""Copies all data to another database in one transaction, and compares both databases."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text

from core.adapters.sql import schema_upgrade
from core.adapters.sql.database_check import require_utf8
from core.adapters.sql.engine import open_snapshot_transaction, writing_connection
from core.adapters.sql.journal import SqlJournal
from core.adapters.sql.outages import translate_errors
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import metadata
from core.flows.dependencies import following_done_act
from core.ports import Actor, Event, EventType
from core.text.faces import move_cli_sentences as words
from core.text.text import Text

ROWS_AT_ONCE = 5_000
ANALYZED_FROM = 5_000
"""Number of copied rows above which a table needs ANALYZE."""
READINGS = 3
"""Each row is read three times: from the source, from the target, and from the source again."""
VERSIONS = "alembic_version"
MODULUS = 1 << 256
TABLES: Sequence[Table] = metadata.sorted_tables
Progress = Callable[[int], None]


class DatabaseCopyRefused(Exception):
    def __init__(self, sentence: Text, table: str) -> None:
        super().__init__(sentence.msgid)
        self.reason = sentence.fill({"table": table})


@dataclass(slots=True)
class TableChecksum:
    rows: int = 0
    total: int = 0

    def add(self, row: Sequence[object]) -> None:
        digest = hashlib.sha256(msgspec.msgpack.encode(tuple(row))).digest()
        self.rows, self.total = self.rows + 1, (self.total + int.from_bytes(digest)) % MODULUS

    @property
    def short_digest(self) -> str:
        return f"{self.total:064x}"[:16]


def count_rows(source: Engine) -> int:
    with open_snapshot_transaction(source) as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)


def copy_database(
    source: Engine, target: Engine, rows: RowAuthenticator, progress: Progress
) -> Mapping[str, TableChecksum]:
    """Copy all tables, and return a checksum for each.

    Raises DatabaseCopyRefused, DatabaseRefused, SQLAlchemyError or CommitOutcomeUnknown.
    """
    with ExitStack() as committing, writing_connection(target) as there:
        _prepare(there)
        with open_snapshot_transaction(source) as here:
            moved = {table.name: _read(table, here, progress, there) for table in TABLES}
        set_sequences(there)
        _require_equal(there, moved, words.DIFFERENT, progress)
        with open_snapshot_transaction(source) as here:
            _require_equal(here, moved, words.CHANGED, progress)
        event = Event(at=datetime.now(UTC), actor=Actor.OPERATOR, act=EventType.DATABASE_MOVED)
        SqlJournal(there, rows, []).write(event)
        committing.enter_context(following_done_act())
        committing.enter_context(translate_errors(target.dialect))
    return moved


def _prepare(there: Connection) -> None:
    """Create and lock the target's tables. The target must be empty and use UTF-8."""
    require_utf8(there)
    found = set(inspect(there).get_table_names())
    if strange := found - {table.name for table in TABLES} - {VERSIONS}:
        raise DatabaseCopyRefused(words.NOT_EMPTY, min(strange))
    schema_upgrade.upgrade_schema(there)
    for table in TABLES:
        if there.dialect.name == "postgresql":
            there.execute(text(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE"))
        if there.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise DatabaseCopyRefused(words.NOT_EMPTY, table.name)


def _read(table: Table, here: Connection, progress: Progress, there: Connection | None = None) -> TableChecksum:
    counts, names = TableChecksum(), table.columns.keys()
    ordered = select(table).order_by(*table.primary_key.columns)
    with here.execute(ordered, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        for rows in result.partitions():
            for row in rows:
                counts.add(row)
            if there is not None:
                there.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
            progress(len(rows))
    return counts


def set_sequences(there: Connection) -> None:
    """Make PostgreSQL's id sequences continue after the copied rows, and run ANALYZE on large tables."""
    if there.dialect.name != "postgresql":
        return
    for table in TABLES:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            there.execute(select(func.setval(sequence, func.coalesce(func.max(column) + 1, 1), False)))  # noqa: FBT003  # PostgreSQL's is_called
        if there.execute(select(1).select_from(table).offset(ANALYZED_FROM).limit(1)).first() is not None:
            there.execute(text(f"ANALYZE {table.name}"))


def _require_equal(
    connection: Connection, moved: Mapping[str, TableChecksum], sentence: Text, progress: Progress
) -> None:
    for table in TABLES:
        if _read(table, connection, progress) != moved[table.name]:
            raise DatabaseCopyRefused(sentence, table.name)
