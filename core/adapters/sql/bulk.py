"""Many rows at once, straight on the driver: new ones by COPY on PostgreSQL, by one prepared statement on SQLite."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Delete, Table, Update, text

from core.adapters.sql.prepared import plan_of

Rows = Iterable[Sequence[object]]
"""Values as the driver takes them, in the order of the columns."""
ROOM_KIB = 131_072


MAKE_ROOM = {
    "sqlite": text(f"PRAGMA cache_size = -{ROOM_KIB}"),
    "postgresql": text(f"SET LOCAL work_mem = {ROOM_KIB}"),
}


def make_room(connection: Connection) -> None:
    """More memory for this transaction: indices of a million persons are written in no order, and their words sorted."""
    connection.execute(MAKE_ROOM[connection.dialect.name])


def write(connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    """Adds them within the connection's transaction, reading as it writes. Raises the driver's own errors."""
    cursor: Any = connection.connection.cursor()  # each driver has a type of its own
    named = f"{table.name} ({', '.join(columns)})"  # our own names
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {named} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(columns))
        cursor.executemany(f"INSERT INTO {named} VALUES ({marks})", rows)  # noqa: S608  # likewise


def change(connection: Connection, statement: Update | Delete, names: Sequence[str], rows: Rows) -> None:
    """On SQLite, runs it for each row of values so named. Raises the driver's own errors."""
    plan = plan_of(statement, connection.dialect, tuple(names))
    in_their_order = itemgetter(*(names.index(name) for name, _ in plan.binds))
    cursor: Any = connection.connection.cursor()  # likewise
    cursor.executemany(plan.sql, map(in_their_order, rows))
