"""A connection to a SQLite file, which answers within the process: nothing is gained by waiting with a statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from core.adapters.sql.connections import Open
from core.adapters.sql.prepared import Prepared, Row
from core.ports import Durability


class AtOnce:
    """Statements run when they are said."""

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401  # the driver's
        self._cursor = cursor

    def rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        rows: list[Row] = self._cursor.execute(sql, values).fetchall()
        return rows

    def change(self, sql: str, values: Sequence[Any]) -> int:
        count: int = self._cursor.execute(sql, values).rowcount
        return count

    def later(self, sql: str, values: Sequence[Any], unless: type[Exception] | None) -> None:
        if self.change(sql, values) != 1 and unless is not None:
            raise unless


class OnSqlite(Open):
    """One of them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._cursor = self.driver.cursor()
        self._cursor.execute("PRAGMA synchronous = NORMAL")  # see core.adapters.sql.lasting
        self.run = Prepared(connection.dialect, AtOnce(self._cursor))

    def begin(self, durability: Durability | None) -> None:
        self._cursor.execute("BEGIN" if durability is None else "BEGIN IMMEDIATE")

    def shared(self) -> Connection:
        return self.connection

    def commit(self) -> None:
        if self.connection.in_transaction():
            self.connection.commit()
        else:
            self.driver.commit()

    def undo(self) -> None:
        if self.connection.in_transaction():
            self.connection.rollback()
        self.driver.rollback()

    def alive(self) -> bool:
        """A file does not go away."""
        return True


def opened(engine: Engine) -> OnSqlite:
    """A new one. Raises the driver's errors."""
    return OnSqlite(engine.connect())
