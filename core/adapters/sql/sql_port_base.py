"""The base of every port that runs statements on the driver, with the compare-and-swap that every move goes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Column, Select, Update, bindparam, select, update

from core.adapters.sql.driver_statement_executor import DriverStatementExecutor
from core.adapters.sql.protected_tables import MAC, ProtectedTable
from core.adapters.sql.row_authentication import RowAuthenticator
from core.ports import ConflictError, Event

ROW, EXPECTED = "row_", "expected_"  # no column is named so
States = Mapping[str, "msgspec.json.Decoder[object]"]
"""The decoder of each flow's states, by its slug."""


@dataclass(eq=False)
class TransactionContext:
    """The parts of one transaction that its ports share."""

    run: DriverStatementExecutor
    states: States
    rows: RowAuthenticator
    written: list[Event] = field(default_factory=list)
    """The events of this transaction, by which it is found again when nobody answers its COMMIT."""


class SqlPort:
    """A port of one transaction."""

    def __init__(self, context: TransactionContext) -> None:
        self._context = context
        self._run = context.run
        self._rows = context.rows

    def _compare_and_swap(
        self, key: Column[Any], row: object, *, version: Column[Any], expected: object, values: Mapping[str, object]
    ) -> None:
        """Write `values` to the row where `key` is `row`. Raises ConflictError unless `version` is still `expected`.

        This makes a link single-use under any concurrency (rule 3); CASE 12 fails without the version.
        """
        swap = compare_and_swap_statement(key, version)
        self._run.write(swap, {ROW: row, EXPECTED: expected, **values}, if_no_row=ConflictError)

    def _swap_in_epoch(self, protected: ProtectedTable, row_id: int, epoch: int, values: Mapping[str, object]) -> None:
        """Change a row that was read in that epoch. Raises ConflictError if it has another one now, or is not authentic."""
        table = protected.table
        row = self._run.row(select_and_lock_row_in_epoch(protected), {"row_id": row_id, "in_epoch": epoch})
        present = None if row is None else self._rows.open_row(protected, row)
        if row is None or present is None:
            raise ConflictError
        stored = self._rows.seal_row(protected, {**present, **values})
        changed = {**values, **{name: stored[name] for name in protected.derived_columns}}
        self._compare_and_swap(table.c.id, row_id, version=table.c[MAC], expected=row[-1], values=changed)


@cache
def compare_and_swap_statement(key: Column[Any], version: Column[Any]) -> Update:
    """Build the statement once, which costs more than to run it. It sets the columns it is run with."""
    return update(key.table).where(key == bindparam(ROW), version == bindparam(EXPECTED))


@cache
def select_and_lock_row_in_epoch(protected: ProtectedTable) -> Select[*tuple[Any, ...]]:
    """Select a row of an epoch, and lock it."""
    id_, epoch = protected.table.c.id, protected.table.c.epoch
    chosen = select(*protected.columns).where(id_ == bindparam("row_id"), epoch == bindparam("in_epoch"))
    return chosen.with_for_update()
