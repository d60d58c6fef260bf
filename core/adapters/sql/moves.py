"""The compare-and-swap that every move goes through, and the insert that minds a conflict."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Table, Update, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from core.adapters.sql.prepared import Prepared
from core.ports import Moved

ROW, EXPECTED = "row_", "expected_"  # no column is named so


def compare_and_swap(
    run: Prepared,
    key: Column[Any],
    row: object,
    *,
    version: Column[Any],
    expected: object,
    values: Mapping[str, Any],
) -> None:
    """Writes `values` to the row where `key` is `row`, if `version` is still `expected`. Raises Moved when it is not.

    This is what makes a link single-use under any concurrency (rule 3); CASE 12 fails without the version.
    """
    if run.change(swap(key, version), {ROW: row, EXPECTED: expected, **values}) != 1:
        raise Moved


@lru_cache
def swap(key: Column[Any], version: Column[Any]) -> Update:
    """The statement, made once: building it costs more than running it. It sets the columns it is executed with."""
    return update(key.table).where(key == bindparam(ROW), version == bindparam(EXPECTED))


INSERTS: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""An INSERT that takes ON CONFLICT; the two engines spell it alike, SQLAlchemy keeps it by dialect."""
