"""The compare-and-swap that every move goes through, and the insert that minds a conflict."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Column, Table, Update, bindparam, update

from core.adapters.sql.prepared import Prepared
from core.ports import Moved

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = Callable[[Table], sqlite.Insert | postgresql.Insert]

S = TypeVar("S")
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
    run.write(swap(key, version), {ROW: row, EXPECTED: expected, **values}, unless=Moved)


@lru_cache
def swap(key: Column[Any], version: Column[Any]) -> Update:
    """The statement, made once: building it costs more than running it. It sets the columns it is executed with."""
    return update(key.table).where(key == bindparam(ROW), version == bindparam(EXPECTED))


class PerEngine(Generic[S]):
    """A statement with an INSERT that takes ON CONFLICT, by the engine's name: both spell it alike, SQLAlchemy keeps it by engine.

    Made at its first use: what SQLAlchemy has for PostgreSQL takes a tenth of a start, which an embedded database need not wait for.
    """

    def __init__(self, make: "Callable[[Insert], S]") -> None:
        self._make = make
        self._made: dict[str, S] = {}

    def __getitem__(self, engine: str) -> S:
        if engine not in self._made:
            self._made[engine] = self._make(import_module(f"sqlalchemy.dialects.{engine}").insert)
        return self._made[engine]
