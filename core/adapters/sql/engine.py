"""Opens a database with durable commits, serialised writers, foreign keys, and limits for every wait."""

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
"""How long a SQLite writer waits for the lock before the page says "try again", in seconds."""
PAGES_BEFORE_CHECKPOINT = 8_000
"""Size of the write-ahead log at which it is copied to the file, in pages of 4 KiB.

The writer of the last page copies all pages and waits for the disk. With SQLite's default of 1,000, that would be one
link request in a hundred.
"""
CONNECTIONS = 40
"""Maximum number of connections of a process: forty agents may query at the same time.

The server's `max_connections` must be enough for all processes of all hosts.
"""
POOL_SECONDS = 3.0
"""How long a transaction waits for a free connection before the page says "try again", in seconds."""
WRITES = {"writes": True}
"""Execution options of a writing transaction."""
SESSION_SETTINGS = " ".join(
    f"-c {setting}"
    for setting in (
        "synchronous_commit=on",
        "lock_timeout=3s",
        "statement_timeout=5s",
        "client_connection_check_interval=1s",
    )
)
"""Every commit is durable.

The server's limits are shorter than ours, so a statement that we abandoned is not run later.
"""
POSTGRESQL_WAITS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
"""Default libpq parameters, in seconds (`tcp_user_timeout` in milliseconds). The URL may override them.

A host that vanishes is abandoned after 8 to 11 seconds; the kernel's default is a quarter of an hour.
"""
COMMAND_SECONDS = 3600.0
"""Time limit for each statement and the COMMIT of a command that changes many rows, in seconds."""


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
    """Open a transaction for a command. Its statements and lock waits may take long."""
    with engine.execution_options(**WRITES).begin() as connection:
        lift_time_limits(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execution_options(**{DEADLINE_OPTION: COMMAND_SECONDS})
        yield connection


@contextmanager
def open_snapshot_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that reads one snapshot (SQLite always does). Its statements may take long."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.execution_options(**options).begin() as connection:
        lift_time_limits(connection)
        yield connection


def lift_time_limits(connection: Connection) -> None:
    """Let the statements of this transaction take long, but not its COMMIT."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.execution_options(**{DEADLINE_OPTION: None})


def postgresql_arguments(url: URL) -> dict[str, Any]:
    """Return the driver's connection arguments for PostgreSQL, except those given in the URL."""
    # With a database without encoding (SQL_ASCII), psycopg would return bytes before we can check the encoding.
    wanted: dict[str, Any] = {"client_encoding": "utf8", **POSTGRESQL_WAITS}
    if "," in hosts_of(url):
        wanted["target_session_attrs"] = "read-write"
    given = {name: value for name, value in wanted.items() if name not in url.query}
    return {**given, "options": f"{url.query.get('options', '')} {SESSION_SETTINGS}".strip()}


def _refuse_ended_connection(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  # psycopg's, not loaded with SQLite
    """Discard all idle connections once one of them has unexpected data: the server sends data only when closing."""
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise InvalidatePoolError


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves: the driver sends it late and not IMMEDIATE
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
