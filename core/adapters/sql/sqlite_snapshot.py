"""Copies a SQLite database that is in use, and checks a copy."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

PAGES_AT_ONCE = 500
BUSY_SECONDS = 10.0
Progress = Callable[[int, int], None]
"""Called with the number of copied pages and the total."""


def take_snapshot(database: Path, copy: Path, progress: Progress) -> None:
    """Write the current database to `copy` while others may write to it. Raises sqlite3.Error.

    SQLite's online backup restarts after every write, so during a vote it would never end. A read transaction held
    during the whole copy prevents this.
    """
    with closing(_opened(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the instant
        source.backup(target, pages=PAGES_AT_ONCE, progress=lambda _status, left, total: progress(total - left, total))


def find_damage(database: Path) -> str | None:
    """Return the first problem that SQLite finds, or None."""
    try:
        with closing(_opened(database)) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        return str(error)
    if said != ["ok"]:
        return said[0]
    return None if orphan is None else f"foreign key: {orphan[0]}"


def _opened(database: Path) -> sqlite3.Connection:
    """Open an existing database. By default SQLite would create a missing one."""
    return sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_SECONDS
    )


def is_in_use(database: Path) -> bool:
    """Return whether any other connection has the database open. Requests exclusive use and releases it immediately."""
    with closing(_opened(database)) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False
