"""Inserts many rows quickly, with COPY on PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text

Rows = Iterable[Sequence[object]]
ROOM_KIB = 131_072


MAKE_ROOM = {
    "sqlite": text(f"PRAGMA cache_size = -{ROOM_KIB}"),
    "postgresql": text(f"SET LOCAL work_mem = {ROOM_KIB}"),
}


def raise_memory_limit(connection: Connection) -> None:
    connection.execute(MAKE_ROOM[connection.dialect.name])


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    """Insert rows in the current transaction. Raises the driver's own exceptions."""
    cursor: Any = connection.connection.cursor()  # each driver has its own type
    named = f"{table.name} ({', '.join(columns)})"  # constant names
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {named} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(columns))
        cursor.executemany(f"INSERT INTO {named} VALUES ({marks})", rows)  # noqa: S608  # constant names
