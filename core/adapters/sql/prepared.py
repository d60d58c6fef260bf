"""Statements that run for every visitor, straight on the driver.

SQLAlchemy writes each of them, once, and its types bind and read the values. Its own way of running one takes ten times as long
as SQLite takes to answer (60 µs against 6, measured), so that it is left out here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Column, ColumnElement, Dialect, ReturnsRows, Select, UpdateBase, bindparam
from sqlalchemy.types import TypeEngine

T = TypeVar("T", bound=msgspec.Struct)
Statement = Select[*tuple[Any, ...]] | UpdateBase
Values = Mapping[str, Any]
Row = tuple[Any, ...]
Process = Callable[[Any], Any]


class Wire(Protocol):
    """How statements reach an engine, within a transaction. Raises the driver's own errors."""

    def rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        """What it selects or returns."""

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """How many rows it wrote."""

    def later(self, sql: str, values: Sequence[Any], unless: type[Exception] | None) -> None:
        """Written before the next of them or before the end; `unless` is raised then, if it does not write one row."""


class Prepared:
    """Runs statements as their engine likes it best. What it raises is raised by the methods of a Wire."""

    def __init__(self, dialect: Dialect, wire: Wire) -> None:
        self.dialect = dialect
        self._wire = wire

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """What it selects or returns, all of it."""
        plan = self._plan(statement, values)
        return plan.read(self._wire.rows(plan.sql, plan.listed(values)))

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
        plan = self._plan(statement, values)
        return self._wire.change(plan.sql, plan.listed(values))

    def write(self, statement: Statement, values: Values, *, unless: type[Exception] | None = None) -> None:
        """Writes, and waits for no answer.

        With `unless` it writes one row, or that is raised: here, or later in the transaction, which then comes to nothing.
        """
        plan = self._plan(statement, values)
        self._wire.later(plan.sql, plan.listed(values), unless)

    def _plan(self, statement: Statement, values: Values) -> "Plan":
        return plan_of(statement, self.dialect, tuple(values))


def one_of(column: Column[Any], count: int) -> ColumnElement[bool]:
    """Whether the column has one of so many values, which are given as `listed`."""
    return column.in_([bindparam(f"one_{ordinal}", type_=column.type) for ordinal in range(count)])


def listed(values: Iterable[object]) -> Values:
    """For the marks of `one_of`."""
    return {f"one_{ordinal}": value for ordinal, value in enumerate(values)}


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
    reads: Sequence[tuple[int, Process]]
    """The columns whose values are not what the driver gives."""

    def listed(self, values: Values) -> list[Any]:
        """What the driver puts at its marks, in their order."""
        given = {**self.constants, **values} if self.constants else values
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
        reads=_reads(statement, dialect),
    )


def _reads(statement: ReturnsRows, dialect: Dialect) -> list[tuple[int, Process]]:
    processes = [_impl(column.type, dialect).result_processor(dialect, None) for column in statement.exported_columns]
    return [(place, process) for place, process in enumerate(processes) if process is not None]


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """The type as that engine has it."""
    return kind.dialect_impl(dialect)
