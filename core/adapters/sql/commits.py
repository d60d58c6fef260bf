"""Commits transactions. Searches the journal if a COMMIT gets no answer."""

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
from core.ports import CommitOutcomeUnknown, StoreUnavailable

PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 0.2
UNCONFIRMED = "unconfirmed"
WROTE = select(events.c.id).where(events.c.uid == bindparam("uid"))
STILL_AT_WORK = (
    select(literal(1)).select_from(table("pg_stat_activity")).where(column("pid", Integer) == bindparam("backend"))
)
FORCE_WRITE = select(cast(func.pg_logical_emit_message(true(), "retrouve", ""), Text))
"""A query that makes COMMIT wait for the standby server."""


class CommitUnansweredError(Exception):
    """Raised when a COMMIT gets no answer. `uid` identifies an event of the transaction."""

    def __init__(self, act: str, uid: str, backend: int) -> None:
        super().__init__(act)
        self.act, self.uid, self.backend = act, uid, backend


def note_unconfirmed_commits(driver_connection: Any, record: Any) -> None:  # noqa: ANN401  # psycopg's and the pool's
    def note(notice: Any) -> None:  # noqa: ANN401  # psycopg's
        if notice.source_function == "SyncRepWaitForLSN":
            record.info[UNCONFIRMED] = True

    driver_connection.add_notice_handler(note)


def commit(connection: Connection, written: Sequence[Mapping[str, object]] = ()) -> None:
    """Commit a transaction that wrote the events `written`. Raises CommitUnansweredError or CommitOutcomeUnknown."""
    driver: Any = connection.connection.driver_connection
    backend = driver.info.backend_pid if connection.dialect.name == "postgresql" else 0
    try:
        connection.commit()
    except DBAPIError as error:
        if written and error.connection_invalidated:
            raise CommitUnansweredError(str(written[-1]["act"]), str(written[-1]["uid"]), backend) from error
        raise
    if connection.info.pop(UNCONFIRMED, False):
        raise CommitOutcomeUnknown("the synchronous standby did not answer")


def require_committed(engine: Engine, lost: CommitUnansweredError) -> None:
    """Check whether a transaction was committed. Raises StoreUnavailable if not, CommitOutcomeUnknown if unknown."""
    done = was_committed(engine, lost.uid, lost.backend)
    if done is None:
        raise CommitOutcomeUnknown(lost.act) from lost
    if not done:
        raise StoreUnavailable("COMMIT was not answered") from lost


def was_committed(engine: Engine, uid: str, backend: int) -> bool | None:
    """Return whether the transaction that wrote the event `uid` was committed, or None if unknown."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            found = _search_once(engine, uid, backend)
        except CommitOutcomeUnknown:  # the answering server has no standby
            return None
        except DBAPIError:  # the server is not back yet
            found = None
        if found is not None:
            return found
        time.sleep(PAUSE_SECONDS)
    return None


def _search_once(engine: Engine, uid: str, backend: int) -> bool | None:
    """Return whether the event is in the journal, or None if it may still be committed.

    Raises CommitOutcomeUnknown or DBAPIError. The synchronous standby server must confirm the search, because a former
    primary server could give a wrong answer.
    """
    with engine.execution_options(**{DEADLINE_OPTION: PATIENCE_SECONDS}).connect() as connection:
        at_work = connection.execute(
            STILL_AT_WORK, {"backend": backend}
        ).first()  # first, because the process may end between the queries
        found = connection.execute(WROTE, {"uid": uid}).first()
        connection.execute(FORCE_WRITE)
        commit(connection)
    if found:
        return True
    return None if at_work else False
