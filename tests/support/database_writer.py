"""Functions for an attacker who can write to the database but has no keys."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from tests.support.stores import KeptStore


def row_of(kept: KeptStore, table: Table, key: str, row: object) -> dict[str, Any]:
    """Return the stored columns of a row, by their names."""
    with _writing(kept) as connection:
        return dict(connection.execute(select(table).where(table.c[key] == row)).mappings().one())


def write_row(kept: KeptStore, table: Table, key: str, row: object, values: Mapping[str, Any]) -> None:
    with _writing(kept) as connection:
        assert connection.execute(update(table).where(table.c[key] == row).values(values)).rowcount == 1


def add_row(kept: KeptStore, table: Table, values: Mapping[str, Any]) -> None:
    with _writing(kept) as connection:
        connection.execute(insert(table).values(values))


def delete_row(kept: KeptStore, table: Table, key: str, row: object) -> None:
    with _writing(kept) as connection:
        assert connection.execute(delete(table).where(table.c[key] == row)).rowcount == 1


def _writing(kept: KeptStore) -> AbstractContextManager[Connection]:
    return kept.engine.execution_options(writes=True).begin()
