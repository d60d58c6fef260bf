"""The compare-and-swap that every move goes through."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Update, bindparam, update

from core.adapters.sql.driver_statement_executor import DriverStatementExecutor
from core.ports import Conflict

ROW, EXPECTED = "row_", "expected_"  # no column is named so


def compare_and_swap(
    run: DriverStatementExecutor,
    key: Column[Any],
    row: object,
    *,
    version: Column[Any],
    expected: object,
    values: Mapping[str, Any],
) -> None:
    """Write `values` to the row where `key` is `row`. Raises Conflict unless `version` is still `expected`.

    This makes a link single-use under any concurrency (rule 3); CASE 12 fails without the version.
    """
    run.write(compare_and_swap_statement(key, version), {ROW: row, EXPECTED: expected, **values}, if_no_row=Conflict)


@lru_cache
def compare_and_swap_statement(key: Column[Any], version: Column[Any]) -> Update:
    """Build the statement once, which costs more than to run it. It sets the columns it is run with."""
    return update(key.table).where(key == bindparam(ROW), version == bindparam(EXPECTED))
