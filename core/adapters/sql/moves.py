"""The compare-and-swap that every move goes through, and the insert that minds a conflict."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, update
from sqlalchemy.dialects import postgresql, sqlite

from core.ports import Moved


def compare_and_swap(
    connection: Connection,
    table: Table,
    key: ColumnElement[bool],
    version: ColumnElement[bool],
    values: Mapping[str, Any],
) -> None:
    """Writes `values` to the row of `key` if `version` still holds. Raises Moved when it does not.

    This line is what makes a link single-use under any concurrency (rule 3); CASE 12 fails without `version`.
    """
    if connection.execute(update(table).where(key, version).values(**values)).rowcount != 1:
        raise Moved(table.name)


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that takes ON CONFLICT; the two engines spell it alike, SQLAlchemy keeps it by dialect."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
