"""Many rows at once, straight on the driver: new ones by COPY on PostgreSQL, by one prepared statement on SQLite."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, Update

from core.adapters.sql.prepared import plan_of

Rows = Iterable[Sequence[object]]
"""Values as the driver takes them, in the order of the columns."""


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


def change(connection: Connection, statement: Update, rows: Sequence[Mapping[str, object]]) -> None:
    """Runs it for each of them, which name the same values. Raises the driver's own errors."""
    plan = plan_of(statement, connection.dialect, tuple(rows[0]))
    cursor: Any = connection.connection.cursor()  # likewise
    cursor.executemany(plan.sql, [plan.bound(row) for row in rows])
