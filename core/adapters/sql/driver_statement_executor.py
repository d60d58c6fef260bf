"""Runs statements straight on the driver: SQLAlchemy writes each of them once, and its types convert the values.

SQLAlchemy's own way of running a statement takes 60 µs, SQLite takes 6 µs to answer it (measured).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import EnumType
from functools import cache, lru_cache
from typing import Any, Protocol, TypeVar, get_args

import msgspec
from sqlalchemy import Column, Connection, Dialect, Select, UpdateBase, bindparam
from sqlalchemy.types import TypeEngine

T = TypeVar("T", bound=msgspec.Struct)
Statement = Select[*tuple[Any, ...]] | UpdateBase
Values = Mapping[str, Any]
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


class StatementDriver(Protocol):
    """Runs the SQL of one transaction on an engine's driver. Raises the driver's own errors."""

    def begin(self, *, writes: bool, one_instant: bool = True) -> None:
        """Begin a transaction. One that only reads may see several instants where one is not needed."""

    def rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        """Return the rows that the statement selects or returns."""

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """Return how many rows the statement wrote."""

    def write(self, sql: str, values: Sequence[Any], if_no_row: type[Exception] | None) -> None:
        """Write before the next statement or the commit. Raise `if_no_row`, by then, unless it writes, or finds, one row."""

    def flush(self) -> None:
        """Send BEGIN and every queued statement, if that was not done yet."""

    def commit(self) -> None:
        """Send every queued statement and, unless one raises, commit."""

    def roll_back(self) -> None:
        """Forget every queued statement, and undo what was sent."""


class ImmediateSqliteDriver:
    """Runs each statement at once: SQLite answers within the process, so a queue would gain nothing."""

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection  # sqlite3's
        self._cursor = driver.cursor()
        self._commit = driver.commit
        self._roll_back = driver.rollback

    def begin(self, *, writes: bool, one_instant: bool = True) -> None:  # noqa: ARG002  # BEGIN costs nothing here
        self._cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        rows: list[Row] = self._cursor.execute(sql, values).fetchall()
        return rows

    def change(self, sql: str, values: Sequence[Any]) -> int:
        count: int = self._cursor.execute(sql, values).rowcount
        return count

    def write(self, sql: str, values: Sequence[Any], if_no_row: type[Exception] | None) -> None:
        done = self._cursor.execute(sql, values)
        rows = done.rowcount if done.description is None else len(done.fetchall())
        if rows != 1 and if_no_row is not None:
            raise if_no_row

    def flush(self) -> None:
        """Do nothing: nothing is queued."""

    def commit(self) -> None:
        self._commit()

    def roll_back(self) -> None:
        self._roll_back()


class DriverStatementExecutor:
    """Runs SQLAlchemy statements through a statement driver, and raises what that raises."""

    def __init__(self, dialect: Dialect, driver: StatementDriver) -> None:
        self.dialect = dialect
        self._driver = driver

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """Return all rows that the statement selects or returns."""
        compiled = self._compiled(statement, values)
        return compiled.typed_rows(self._driver.rows(compiled.sql, compiled.driver_values(values)))

    def row(self, statement: Statement, values: Values) -> Row | None:
        """Return the only row, or None."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def one(self, statement: Statement, values: Values) -> Row:
        """Return the only row of a statement that always has one."""
        (found,) = self.rows(statement, values)
        return found

    def rows_where_in(self, statement: Select[Any], column: Column[Any], values: Sequence[object]) -> list[Row]:
        """Return the rows of the statement in which the column has one of the values."""
        listed = select_where_in(statement, column, len(values))
        return self.rows(listed, {f"one_{ordinal}": value for ordinal, value in enumerate(values)})

    def scalar(self, statement: Statement, values: Values) -> Any:  # noqa: ANN401  # of the column's type
        """Return the first column of the only row, or None."""
        row = self.row(statement, values)
        return None if row is None else row[0]

    def structs(self, kind: type[T], statement: Statement, values: Values) -> list[T]:
        """Return all rows as structs (`struct_of_row`)."""
        return [struct_of_row(kind, row) for row in self.rows(statement, values)]

    def struct(self, kind: type[T], statement: Statement, values: Values) -> T | None:
        """Return the only row as a struct, or None."""
        row = self.row(statement, values)
        return None if row is None else struct_of_row(kind, row)

    def change(self, statement: Statement, values: Values) -> int:
        """Return how many rows the statement wrote."""
        compiled = self._compiled(statement, values)
        return self._driver.change(compiled.sql, compiled.driver_values(values))

    def write(self, statement: Statement, values: Values, *, if_no_row: type[Exception] | None = None) -> None:
        """Write without waiting for an answer.

        Unless one row is written, raise `if_no_row`: here, or by the end of the transaction, which is rolled back then.
        """
        compiled = self._compiled(statement, values)
        self._driver.write(compiled.sql, compiled.driver_values(values), if_no_row)

    def _compiled(self, statement: Statement, values: Values) -> "CompiledStatement":
        return compile_statement(statement, self.dialect, tuple(values))


@lru_cache
def select_where_in(statement: Select[Any], column: Column[Any], count: int) -> Select[Any]:
    """Select those rows of the statement in which the column has one of `count` values."""
    return statement.where(column.in_([bindparam(f"one_{ordinal}", type_=column.type) for ordinal in range(count)]))


def struct_of_row(kind: type[T], row: Sequence[Any]) -> T:
    """Make a struct from a row that begins with its fields, in their order (`struct_of_columns`)."""
    return struct_of_columns(kind, dict(zip(kind.__struct_fields__, row, strict=False)))


def struct_of_columns(kind: type[T], columns: dict[str, Any]) -> T:
    """Make a struct from a row by names, and convert its enums.

    No other type is checked: a damaged row must not stop those that are read with it.
    """
    for name, enum in _enum_fields(kind):
        if columns[name] is not None:
            columns[name] = enum(columns[name])
    return kind(**columns)


@cache
def _enum_fields(kind: type[msgspec.Struct]) -> list[tuple[str, EnumType]]:
    fields = ((each.name, each.type) for each in msgspec.structs.fields(kind))
    return [(name, part) for name, whole in fields for part in (whole, *get_args(whole)) if isinstance(part, EnumType)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledStatement:
    """A statement as the driver takes it."""

    sql: str
    binds: Sequence[tuple[str, Convert | None]]
    """The names of its parameters, in their order, and how a value becomes the driver's."""
    constants: Values
    """Values that stand in the statement itself."""
    conversions: Sequence[tuple[int, Convert]]
    """The positions of columns whose values the driver does not give as Python needs them, and how to convert them."""

    def driver_values(self, values: Values) -> list[Any]:
        """The driver's parameters, in their order."""
        given = {**self.constants, **values} if self.constants else values
        return [given[name] if convert is None else convert(given[name]) for name, convert in self.binds]

    def typed_rows(self, rows: Sequence[Row]) -> list[Row]:
        """Convert the rows that the driver returned."""
        return [self._read(row) for row in rows] if self.conversions else list(rows)

    def _read(self, row: Row) -> Row:
        values = list(row)
        for position, convert in self.conversions:
            values[position] = convert(values[position])
        return tuple(values)


@lru_cache(maxsize=512)
def compile_statement(statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> CompiledStatement:
    """Compile a statement, with values of those names, for a dialect."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup or [name for name in compiled.binds if name in compiled.params]
    returned = [_impl(column.type, dialect).result_processor(dialect, None) for column in statement.exported_columns]
    return CompiledStatement(
        sql=str(compiled),
        binds=[(name, _impl(compiled.binds[name].type, dialect).bind_processor(dialect)) for name in order],
        constants={name: compiled.params[name] for name in order if name not in names},
        conversions=[(position, convert) for position, convert in enumerate(returned) if convert is not None],
    )


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """The type as that dialect implements it."""
    return kind.dialect_impl(dialect)
