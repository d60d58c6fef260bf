"""Opens a database the way the rules need it: serialised writers, foreign keys, a stated durability."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from core.ports import Durability

BUSY_SECONDS = 10
"""How long a SQLite writer waits for its turn before the page says "try again"."""
PAGES_BEFORE_CHECKPOINT = 8_000
"""Of 4 KiB, in the log. Whoever writes the last of them copies all to the file and waits for the disk: at SQLite's 1,000, one
ask in a hundred would."""
SYNCHRONOUS = {Durability.FULL: "FULL", Durability.RELAXED: "NORMAL"}


def open_engine(url: str) -> Engine:
    """An engine on SQLite (by file) or PostgreSQL."""
    remote = not url.startswith("sqlite")
    # Parameters hold addresses and digests: an error must not carry them into a log.
    engine = create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=remote, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def begin_options(durability: Durability) -> dict[str, Any]:
    """Execution options of a transaction that writes."""
    return {"writes": durability}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late and not IMMEDIATE
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")


def _begin_sqlite(connection: Connection) -> None:
    durability = connection.get_execution_options().get("writes")
    cursor = connection.connection.cursor()
    if durability is None:
        cursor.execute("BEGIN")
        return
    if connection.info.get("synchronous", Durability.FULL) is not durability:
        cursor.execute(f"PRAGMA synchronous = {SYNCHRONOUS[durability]}")
        connection.info["synchronous"] = durability
    cursor.execute("BEGIN IMMEDIATE")
