"""Statements that run for every visitor, straight on the driver.

SQLAlchemy writes each of them, once, and its types bind and read the values. Its own way of running one takes ten times as long
as SQLite takes to answer (60 µs against 6, measured), so that it is left out here. Transactions stay SQLAlchemy's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Dialect, ReturnsRows, Select, UpdateBase
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.types import TypeEngine

T = TypeVar("T", bound=msgspec.Struct)
Statement = Select[*tuple[Any, ...]] | UpdateBase
Values = Mapping[str, Any]
Row = tuple[Any, ...]
Process = Callable[[Any], Any]


class Prepared:
    """Runs statements with a cursor of the driver, within its transaction. Raises the driver's own errors."""

    def __init__(self, dialect: Dialect, cursor: DBAPICursor) -> None:
        self.dialect = dialect
        self._cursor = cursor

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """What it selects or returns, all of it."""
        plan = self._run(statement, values)
        return plan.read(self._cursor.fetchall())

    def row(self, statement: Statement, values: Values) -> Row | None:
        """The only row, if there is one."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def one(self, statement: Statement, values: Values) -> Row:
        """The row that there always is."""
        (found,) = self.rows(statement, values)
        return found

    def change(self, statement: Statement, values: Values) -> int:
        """How many rows it wrote."""
        self._run(statement, values)
        return self._cursor.rowcount

    def _run(self, statement: Statement, values: Values) -> "Plan":
        plan = plan_of(statement, self.dialect, tuple(values))
        self._cursor.execute(plan.sql, plan.bound(values))
        return plan


def record(kind: type[T], row: Row) -> T:
    """The row whose columns are that struct's fields, in their order."""
    return kind(**dict(zip(kind.__struct_fields__, row, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A statement as the driver takes it."""

    sql: str
    binds: Sequence[tuple[str, Process | None]]
    """The names of its marks, in their order, and how a value becomes the driver's."""
    constants: Values
    """Values that stand in the statement itself."""
    by_name: bool
    """Whether its marks have names."""
    reads: Sequence[tuple[int, Process]]
    """The columns whose values are not what the driver gives."""

    def bound(self, values: Values) -> Values | Sequence[Any]:
        """What the driver puts at its marks."""
        given = {**self.constants, **values} if self.constants else values
        if self.by_name:
            return {name: given[name] if to is None else to(given[name]) for name, to in self.binds}
        return [given[name] if to is None else to(given[name]) for name, to in self.binds]

    def read(self, rows: Sequence[Row]) -> list[Row]:
        """The rows as their types read them."""
        return [self._read(row) for row in rows] if self.reads else list(rows)

    def _read(self, row: Row) -> Row:
        values = list(row)
        for place, process in self.reads:
            values[place] = process(values[place])
        return tuple(values)


@lru_cache(maxsize=512)
def plan_of(statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> Plan:
    """The statement with values of those names, as SQLAlchemy writes it for that engine."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    marks = compiled.positiontup or [name for name in compiled.binds if name in compiled.params]
    return Plan(
        sql=str(compiled),
        binds=[(name, _impl(compiled.binds[name].type, dialect).bind_processor(dialect)) for name in marks],
        constants={name: compiled.params[name] for name in marks if name not in names},
        by_name=not compiled.positional,
        reads=_reads(statement, dialect),
    )


def _reads(statement: ReturnsRows, dialect: Dialect) -> list[tuple[int, Process]]:
    processes = [_impl(column.type, dialect).result_processor(dialect, None) for column in statement.exported_columns]
    return [(place, process) for place, process in enumerate(processes) if process is not None]


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """The type as that engine has it."""
    return kind.dialect_impl(dialect)
