"""The base of every port that runs statements on the driver, and what each is given by its transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, select

from core.adapters.sql.compare_and_swap import compare_and_swap
from core.adapters.sql.driver_statement_executor import DriverStatementExecutor
from core.adapters.sql.protected_tables import MAC, ProtectedTable
from core.adapters.sql.row_authentication import RowAuthenticator
from core.ports import Conflict, Event

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

    def _swap_in_epoch(self, protected: ProtectedTable, row_id: int, epoch: int, values: Mapping[str, object]) -> None:
        """Change a row that was read in that epoch. Raises Conflict if it has another one now, or is not authentic."""
        table = protected.table
        row = self._run.row(select_and_lock_row_in_epoch(protected), {"row_id": row_id, "in_epoch": epoch})
        present = None if row is None else self._rows.open_row(protected, row)
        if row is None or present is None:
            raise Conflict
        stored = self._rows.seal_row(protected, {**present, **values})
        changed = {**values, **{name: stored[name] for name in protected.derived_columns}}
        compare_and_swap(self._run, table.c.id, row_id, version=table.c[MAC], expected=row[-1], values=changed)


@cache
def select_and_lock_row_in_epoch(protected: ProtectedTable) -> Select[*tuple[Any, ...]]:
    """Select a row of an epoch, and lock it."""
    id_, epoch = protected.table.c.id, protected.table.c.epoch
    chosen = select(*protected.columns).where(id_ == bindparam("row_id"), epoch == bindparam("in_epoch"))
    return chosen.with_for_update()
