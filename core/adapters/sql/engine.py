"""Opens a database the way the rules need it: serialised writers, foreign keys, a commit that lasts."""

import math
import sqlite3
import time
from functools import partial

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 10
"""How long a SQLite writer waits for its turn before the page says "try again"."""
PAGES_BEFORE_CHECKPOINT = 8_000
"""Of 4 KiB, in the log. Whoever writes the last of them copies all to the file and waits for the disk: at SQLite's 1,000, one
ask in a hundred would."""
RESTS_SINCE = "rests-since"
WRITES = {"writes": True}
"""Execution options of a transaction that writes."""
RESTED_SECONDS = 0.05
"""Shorter than a server takes to start again, longer than a busy connection rests."""


def open_engine(url: str) -> Engine:
    """An engine on SQLite (by file) or PostgreSQL."""
    # Parameters hold addresses and digests: an error must not carry them into a log.
    engine = create_engine(url, pool_size=8, max_overflow=-1, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", partial(_ping_after_rest, engine.dialect))
    return engine


def _note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[RESTS_SINCE] = time.monotonic()


def _ping_after_rest(dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
    """A server that was started again has forgotten the connections that rest here. One used just now is believed."""
    if time.monotonic() - record.info.get(RESTS_SINCE, math.inf) < RESTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as gone:
        raise InvalidatePoolError from gone


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late and not IMMEDIATE
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's
        return  # begun by core.adapters.sql.connections
    writes = connection.get_execution_options().get("writes", False)
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")
