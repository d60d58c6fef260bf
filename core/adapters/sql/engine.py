"""Opens a database as the rules need it: durable commits, serialised writers, foreign keys, and no wait without an end."""

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
"""Seconds that a SQLite writer waits for the lock before the page says "try again"."""
PAGES_BEFORE_CHECKPOINT = 8_000
"""Pages of 4 KiB in the write-ahead log. Who writes the last of them copies all to the file and waits for the disk: at SQLite's
1,000, one ask in a hundred would."""
CONNECTIONS_KEPT = 40
"""Idle connections that a process keeps, no more than it ever used at once: forty agents look at the same time, and a server of
PostgreSQL's takes longer to start than to answer."""
WRITES = {"writes": True}
"""Execution options of a SQLAlchemy transaction that writes."""
SESSION_SETTINGS = " ".join(
    f"-c {setting}"
    for setting in (
        "synchronous_commit=on",
        "lock_timeout=3s",
        "statement_timeout=5s",
        "client_connection_check_interval=1s",
    )
)
"""Every commit is durable. The server's own limits end before ours, so that a statement that we gave up does not happen later."""
POSTGRESQL_WAITS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
"""Defaults of libpq's parameters (seconds, and milliseconds for the last), which the URL may replace. A host that vanishes
without a word is given up after 8 to 11 seconds; the kernel's own limit is a quarter of an hour."""
COMMAND_SECONDS = 3600.0
"""Seconds that each statement of a command that changes many rows may take, and its COMMIT."""


def open_engine(url: str | URL) -> Engine:
    """Create an engine on SQLite (in a file) or PostgreSQL."""
    address = make_url(url)
    is_postgresql = address.get_backend_name() == "postgresql"
    # Parameters hold addresses and digests: an error must not carry them into a log.
    engine = create_engine(
        address,
        connect_args=postgresql_arguments(address) if is_postgresql else {},
        pool_size=CONNECTIONS_KEPT,
        max_overflow=-1,
        pool_use_lifo=True,  # few servers of PostgreSQL's do the work, each with what it needs in its caches
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
    """Open an engine for as long as the block lasts."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """Open a transaction of a command, whose statements may take long and wait long for locks."""
    with engine.execution_options(**WRITES).begin() as connection:
        lift_time_limits(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execution_options(**{DEADLINE_OPTION: COMMAND_SECONDS})
        yield connection


@contextmanager
def open_snapshot_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction whose reads see one instant (SQLite's always do) and may take long."""
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
    """Return the driver's arguments of a connection to PostgreSQL, except for those that the URL gives."""
    # Of a database that has no encoding (SQL_ASCII), psycopg would give bytes before anything could be checked.
    wanted: dict[str, Any] = {"client_encoding": "utf8", **POSTGRESQL_WAITS}
    if "," in hosts_of(url):
        wanted["target_session_attrs"] = "read-write"
    given = {name: value for name, value in wanted.items() if name not in url.query}
    return {**given, "options": f"{url.query.get('options', '')} {SESSION_SETTINGS}".strip()}


def _refuse_ended_connection(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  # psycopg's, which SQLite does without
    """Give up every idle connection once the server has said something on one: it says nothing unasked unless it ends it."""
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise InvalidatePoolError


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late and not IMMEDIATE
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Temporary tables hold the lines of people: in a file they would stand outside the election's folder.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
