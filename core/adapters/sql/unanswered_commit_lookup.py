"""Finds out whether a transaction happened whose COMMIT was not answered, by the event that it wrote."""

import time

from sqlalchemy import Engine, Integer, Text, bindparam, cast, column, func, literal, select, table, true
from sqlalchemy.exc import DBAPIError

from core.adapters.sql.driver_statement_executor import DriverStatementExecutor, Values
from core.adapters.sql.postgresql_pipeline import dialect_with_numbered_parameters, pipeline_of_pooled_connection
from core.adapters.sql.tables import events
from core.ports import CommitOutcomeUnknown, Event

PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 0.2
RECENT_LINES = 200_000
"""More than a whole country writes while one COMMIT is waited for."""
IDENTITY = ("at", "actor", "act", "case", "voter", "reason", "agent")
WROTE = select(events.c.id).where(
    events.c.id > select(func.coalesce(func.max(events.c.id), 0) - RECENT_LINES).scalar_subquery(),
    *(events.c[name].is_not_distinct_from(bindparam(name, type_=events.c[name].type)) for name in IDENTITY),
)
STILL_AT_WORK = (
    select(literal(1)).select_from(table("pg_stat_activity")).where(column("pid", Integer) == bindparam("backend"))
)
WRITES = select(cast(func.pg_logical_emit_message(true(), "retrouve", ""), Text))
"""A statement that makes its transaction one that writes, so that its COMMIT waits for the synchronous standby."""


def was_committed(engine: Engine, event: Event, server_process: int) -> bool | None:
    """Look for the event on new connections, until the server process that was to write it has ended; None if nobody knows."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    values = {name: getattr(event, name) for name in IDENTITY}
    while time.monotonic() < deadline:
        try:
            found = _look(engine, values, server_process)
        except CommitOutcomeUnknown:  # no standby follows the server that answered
            return None
        except (DBAPIError, engine.dialect.loaded_dbapi.Error):  # the server is not back yet
            found = None
        if found is not None:
            return found
        time.sleep(PAUSE_SECONDS)
    return None


def _look(engine: Engine, values: Values, backend: int) -> bool | None:
    """Look for the event in a transaction that writes. Raises CommitOutcomeUnknown.

    The synchronous standby confirms it and all that it has read. A former primary, which nobody follows, is thus not believed.
    """
    with engine.connect() as connection:
        driver = pipeline_of_pooled_connection(connection)
        run = DriverStatementExecutor(dialect_with_numbered_parameters(connection.dialect), driver)
        try:
            driver.begin(writes=True)
            driver.answer_seconds = PATIENCE_SECONDS
            at_work = run.row(STILL_AT_WORK, {"backend": backend})  # asked first: it may end meanwhile
            found = run.row(WROTE, values)
            run.row(WRITES, {})
            driver.commit()
        except BaseException:
            connection.invalidate()
            raise
    if found:
        return True
    return None if at_work else False
