"""Updates a row, or raises ConflictError if the row has changed since it was read."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Select, Update, bindparam, select, update

from core.adapters.sql.protected_tables import MAC, ProtectedTable
from core.adapters.sql.row_authentication import RowAuthenticator
from core.ports import ConflictError

ROW, EXPECTED = "row_", "expected_"


def compare_and_swap(
    connection: Connection,
    key: Column[Any],
    row: object,
    *,
    version: Column[Any],
    expected: object,
    values: Mapping[str, object],
) -> None:
    swap = compare_and_swap_statement(key, version)
    if connection.execute(swap, {ROW: row, EXPECTED: expected, **values}).rowcount != 1:
        raise ConflictError


def swap_in_epoch(
    connection: Connection,
    rows: RowAuthenticator,
    protected: ProtectedTable,
    row_id: int,
    *,
    epoch: int,
    values: Mapping[str, object],
) -> None:
    """Update a row if its tag is valid and its epoch is unchanged. Otherwise raises ConflictError."""
    table = protected.table
    row = connection.execute(select_and_lock_row_in_epoch(protected), {"row_id": row_id, "in_epoch": epoch}).first()
    present = None if row is None else rows.open_row(protected, row)
    if row is None or present is None:
        raise ConflictError
    stored = rows.seal_row(protected, {**present, **values})
    changed = {**values, **{name: stored[name] for name in protected.derived_columns}}
    compare_and_swap(connection, table.c.id, row_id, version=table.c[MAC], expected=row.mac, values=changed)


@cache
def compare_and_swap_statement(key: Column[Any], version: Column[Any]) -> Update:
    return update(key.table).where(key == bindparam(ROW), version == bindparam(EXPECTED))


@cache
def select_and_lock_row_in_epoch(protected: ProtectedTable) -> Select[*tuple[Any, ...]]:
    id_, epoch = protected.table.c.id, protected.table.c.epoch
    chosen = select(*protected.columns).where(id_ == bindparam("row_id"), epoch == bindparam("in_epoch"))
    return chosen.with_for_update()
