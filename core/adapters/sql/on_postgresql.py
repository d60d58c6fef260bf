"""A connection to PostgreSQL: its statements travel together (core.adapters.sql.pipeline)."""

import time
from functools import cache

from sqlalchemy import Connection, Dialect, Engine, event

from core.adapters.sql.connections import Open
from core.adapters.sql.engine import RESTED_SECONDS
from core.adapters.sql.pipeline import Pipeline
from core.adapters.sql.prepared import Prepared
from core.ports import Durability

BEGIN = "BEGIN"
# Reads of one transaction must be of one instant, or a link could look unused by a voter who has just used it.
# SQLite always reads so.
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ"
COMMITTING = {Durability.FULL: "SET synchronous_commit = on", Durability.RELAXED: "SET synchronous_commit = off"}


class OnPostgresql(Open):
    """One of them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        # Else psycopg forgets all prepared statements, ours too, when a transaction is undone.
        self.driver.prepare_threshold = None
        self._pipeline = Pipeline(self.driver)
        self._reads = False
        self._durability: Durability | None = None
        """The last one asked for."""
        self.run = Prepared(numbered(connection.dialect), self._pipeline)
        event.listen(connection, "before_cursor_execute", lambda *_: self._pipeline.flush())

    def begin(self, durability: Durability | None) -> None:
        self._reads = durability is None
        if durability is not None and durability is not self._durability:
            self._pipeline.later(COMMITTING[durability])
            self._durability = durability
        self._pipeline.later(BEGIN_READING if self._reads else BEGIN)

    def shared(self) -> Connection:
        self._pipeline.flush()
        return self.connection

    def commit(self) -> None:
        if self.connection.in_transaction():
            self._pipeline.flush()
            self.connection.commit()
        elif self._nothing_done:
            self._forget()
        else:
            self._commit()

    @property
    def _nothing_done(self) -> bool:
        waiting = self._pipeline.waiting
        return bool(waiting) and waiting[-1].sql in {BEGIN, BEGIN_READING}

    def _commit(self) -> None:
        if not self._pipeline.unsay(BEGIN):  # a batch of its own is a transaction without being told
            self._pipeline.later("COMMIT")
        self._pipeline.let_go()
        if not self._reads:
            self.meanwhile()
            self._pipeline.settle()

    def undo(self) -> None:
        self._forget()
        self._pipeline.flush()
        if self.connection.in_transaction():
            self.connection.rollback()
        self.driver.rollback()

    def _forget(self) -> None:
        self._pipeline.forget()
        self._durability = None  # perhaps it was never sent, or is undone too

    def alive(self) -> bool:
        """A server that was started again has forgotten the connections that rest here. One used just now is believed."""
        if time.monotonic() - self.rests_since < RESTED_SECONDS:
            return True
        dialect = self.connection.dialect
        try:
            self._pipeline.flush()
            dialect.do_ping(self.connection.connection.dbapi_connection)  # type: ignore[arg-type]  # it is open
        except dialect.loaded_dbapi.Error:
            return False
        return True


@cache
def numbered(dialect: Dialect) -> Dialect:
    """The same one, writing $1 for a mark, as the server itself takes it."""
    return type(dialect)(dbapi=dialect.loaded_dbapi, paramstyle="numeric_dollar")  # type: ignore[call-arg]  # every dialect's own class takes it


def opened(engine: Engine) -> OnPostgresql:
    """A new one. Raises the driver's errors and SQLAlchemy's."""
    return OnPostgresql(engine.execution_options(isolation_level="AUTOCOMMIT").connect())
