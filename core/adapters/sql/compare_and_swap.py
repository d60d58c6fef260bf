"""Updates a row only if it has not changed since it was read. Otherwise raises ConflictError."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Select, Update, bindparam, select, update

from core.adapters.sql.protected_tables import MAC, ProtectedTable
from core.adapters.sql.row_authentication import RowAuthenticator
from core.ports import ConflictError

ROW, EXPECTED = "row_", "expected_"
"""Names of the bound parameters for the key of a row and its expected version.

No column may have one of these names.
"""


def compare_and_swap(
    connection: Connection,
    key: Column[Any],
    row: object,
    *,
    version: Column[Any],
    expected: object,
    values: Mapping[str, object],
) -> None:
    """Write `values` to the row whose column `key` equals `row`.

    Raises ConflictError unless its column `version` still equals `expected`. For example, this makes sure that a link
    is used only once, even if two requests use it at the same time.
    """
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
    """Update a row that carries an authentication tag, and renew the tag.

    Raises ConflictError if the row fails authentication, or if its epoch is no longer `epoch`. For example, a new
    password begins a new epoch.
    """
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
    """Return an UPDATE statement. The parameters given at its execution determine which columns it sets."""
    return update(key.table).where(key == bindparam(ROW), version == bindparam(EXPECTED))


@cache
def select_and_lock_row_in_epoch(protected: ProtectedTable) -> Select[*tuple[Any, ...]]:
    id_, epoch = protected.table.c.id, protected.table.c.epoch
    chosen = select(*protected.columns).where(id_ == bindparam("row_id"), epoch == bindparam("in_epoch"))
    return chosen.with_for_update()
