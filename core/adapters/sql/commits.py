"""Commits, and resolves unanswered COMMITs by looking for an event of the transaction."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    table,
    true,
)
from sqlalchemy.exc import DBAPIError

from core.adapters.sql.deadlines import DEADLINE_OPTION
from core.adapters.sql.tables import events
from core.ports import CommitOutcomeUnknown, Event, StoreUnavailable

PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 0.2
RECENT_LINES = 200_000
"""More lines than a whole country writes while one COMMIT is pending."""
UNCONFIRMED = "unconfirmed"
"""Key in a connection's `info`, set when the standby did not confirm the last commit."""
IDENTITY = ("at", "actor", "act", "case", "voter", "reason", "agent")
WROTE = select(events.c.id).where(
    events.c.id > select(func.coalesce(func.max(events.c.id), 0) - RECENT_LINES).scalar_subquery(),
    *(events.c[name].is_not_distinct_from(bindparam(name, type_=events.c[name].type)) for name in IDENTITY),
)
STILL_AT_WORK = (
    select(literal(1)).select_from(table("pg_stat_activity")).where(column("pid", Integer) == bindparam("backend"))
)
WRITES = select(cast(func.pg_logical_emit_message(true(), "retrouve", ""), Text))
"""Makes its transaction a writing one, so that COMMIT waits for the synchronous standby."""


class CommitUnansweredError(Exception):
    """The COMMIT of a transaction with this event was not answered. `backend` is the id of the server process."""

    def __init__(self, event: Event, backend: int) -> None:
        super().__init__(event.act)
        self.event, self.backend = event, backend


def note_unconfirmed_commits(driver_connection: Any, record: Any) -> None:  # noqa: ANN401  # psycopg's and the pool's
    """Note when COMMIT returns without the standby's confirmation. Listens to `connect` of a PostgreSQL engine."""

    def note(notice: Any) -> None:  # noqa: ANN401  # psycopg's
        if notice.source_function == "SyncRepWaitForLSN":
            record.info[UNCONFIRMED] = True

    driver_connection.add_notice_handler(note)


def commit(connection: Connection, written: Sequence[Event] = ()) -> None:
    """Commit a transaction that wrote these events.

    Raises CommitUnansweredError if the answer is lost and there is an event to look for, and CommitOutcomeUnknown if
    the synchronous standby did not confirm.
    """
    driver: Any = connection.connection.driver_connection
    backend = driver.info.backend_pid if connection.dialect.name == "postgresql" else 0
    try:
        connection.commit()
    except DBAPIError as error:
        if written and error.connection_invalidated:
            raise CommitUnansweredError(written[-1], backend) from error
        raise
    if connection.info.pop(UNCONFIRMED, False):
        raise CommitOutcomeUnknown("the synchronous standby did not answer")


def require_committed(engine: Engine, lost: CommitUnansweredError) -> None:
    """Look for the event of an unanswered COMMIT.

    Raises StoreUnavailable if it is missing, CommitOutcomeUnknown if unclear.
    """
    done = was_committed(engine, lost.event, lost.backend)
    if done is None:
        raise CommitOutcomeUnknown(lost.event.act) from lost
    if not done:
        raise StoreUnavailable("COMMIT was not answered") from lost


def was_committed(engine: Engine, event: Event, backend: int) -> bool | None:
    """Look for the event until the server process that was writing it has ended.

    Return None if the outcome is unclear.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    values = {name: getattr(event, name) for name in IDENTITY}
    while time.monotonic() < deadline:
        try:
            found = _look(engine, values, backend)
        except CommitOutcomeUnknown:  # the answering server has no standby
            return None
        except DBAPIError:  # the server is not back yet
            found = None
        if found is not None:
            return found
        time.sleep(PAUSE_SECONDS)
    return None


def _look(engine: Engine, values: Mapping[str, object], backend: int) -> bool | None:
    """Look for the event in a writing transaction. Raises CommitOutcomeUnknown, DBAPIError.

    The synchronous standby confirms the transaction, including what it has read. A former primary without a standby is
    therefore not trusted.
    """
    with engine.execution_options(**{DEADLINE_OPTION: PATIENCE_SECONDS}).connect() as connection:
        at_work = connection.execute(
            STILL_AT_WORK, {"backend": backend}
        ).first()  # first, because the process may end between the queries
        found = connection.execute(WROTE, values).first()
        connection.execute(WRITES)
        commit(connection)
    if found:
        return True
    return None if at_work else False
