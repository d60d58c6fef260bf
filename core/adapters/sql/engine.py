"""Opens databases with durable commits and a time limit for every wait."""

import select
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError

from core.adapters.sql.commits import note_unconfirmed_commits
from core.adapters.sql.deadlines import DEADLINE_OPTION, limit_answers
from core.adapters.sql.outages import mark_lost_connection
from core.adapters.sql.postgresql_hosts import PostgresqlHostOrder, hosts_of

BUSY_SECONDS = 10
PAGES_BEFORE_CHECKPOINT = 8_000
"""Size of SQLite's write-ahead log before a checkpoint, in pages of 4 KiB."""
CONNECTIONS = 40
"""Maximum number of database connections per process."""
POOL_SECONDS = 3.0
WRITES = {"writes": True}
"""Execution options of a transaction that writes."""
SESSION_SETTINGS = " ".join(
    f"-c {setting}"
    for setting in (
        "synchronous_commit=on",
        "lock_timeout=3s",
        "statement_timeout=5s",
        "client_connection_check_interval=1s",
    )
)
"""PostgreSQL settings: durable commits, and time limits that are shorter than the program's deadlines."""
POSTGRESQL_WAITS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
"""Default connection timeouts, in seconds. Only `tcp_user_timeout` is in milliseconds."""
COMMAND_SECONDS = 3600.0
"""Time limit for each statement and COMMIT of a long command, in seconds."""


def open_engine(url: str | URL) -> Engine:
    address = make_url(url)
    is_postgresql = address.get_backend_name() == "postgresql"
    # Parameters contain addresses and digests, which errors must not write to the log.
    engine = create_engine(
        address,
        connect_args=postgresql_arguments(address) if is_postgresql else {},
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_use_lifo=True,  # keeps few PostgreSQL server processes busy, with warm caches
        hide_parameters=True,
    )
    if is_postgresql:
        limit_answers(engine)
        event.listen(engine, "connect", note_unconfirmed_commits)
        event.listen(engine, "handle_error", mark_lost_connection)
        event.listen(engine, "checkout", _refuse_ended_connection)
        if "," in hosts_of(address):
            event.listen(engine, "do_connect", PostgresqlHostOrder().connect)
    else:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def temporary_engine(url: str | URL) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """Open a transaction for many changes, without the usual time limits."""
    with engine.execution_options(**WRITES).begin() as connection:
        lift_time_limits(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execution_options(**{DEADLINE_OPTION: COMMAND_SECONDS})
        yield connection


@contextmanager
def open_snapshot_transaction(engine: Engine) -> Iterator[Connection]:
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.execution_options(**options).begin() as connection:
        lift_time_limits(connection)
        yield connection


def lift_time_limits(connection: Connection) -> None:
    """Remove the time limit for statements of this transaction, but not for COMMIT."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.execution_options(**{DEADLINE_OPTION: None})


def postgresql_arguments(url: URL) -> dict[str, Any]:
    """Return the connection arguments for the PostgreSQL driver. Values in the URL take precedence."""
    # With a database without encoding (SQL_ASCII), psycopg would return bytes before we can check the encoding.
    wanted: dict[str, Any] = {"client_encoding": "utf8", **POSTGRESQL_WAITS}
    if "," in hosts_of(url):
        wanted["target_session_attrs"] = "read-write"
    given = {name: value for name, value in wanted.items() if name not in url.query}
    return {**given, "options": f"{url.query.get('options', '')} {SESSION_SETTINGS}".strip()}


def _refuse_ended_connection(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  # psycopg's, not loaded with SQLite
    """Raise InvalidatePoolError if the server has closed an idle connection."""
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise InvalidatePoolError


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # `_begin_sqlite` sends BEGIN, because the driver would send it late and without IMMEDIATE.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Temporary tables contain personal data, so they must not be written outside of the election's folder.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
