"""A copy of a SQLite database in use, of one instant, and whether a copy is whole."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

PAGES_AT_ONCE = 500
BUSY_SECONDS = 10.0
Progress = Callable[[int, int], None]
"""Given how many pages are copied, and how many there are."""


def take(database: Path, copy: Path, progress: Progress) -> None:
    """Writes the database as it stands now to `copy`, while others go on writing to it. Raises sqlite3.Error.

    SQLite's online backup begins again whenever somebody writes meanwhile, and would never end before a vote. A read
    transaction held from its first page to its last keeps it in one instant.
    """
    with closing(_opened(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the instant
        source.backup(target, pages=PAGES_AT_ONCE, progress=lambda _status, left, total: progress(total - left, total))


def damage(database: Path) -> str | None:
    """What is wrong with it, as SQLite says it; None when nothing is."""
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
    """An existing one: SQLite would make what is missing."""
    return sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_SECONDS
    )


def in_use(database: Path) -> bool:
    """Whether another connection, of any process, has it open: exclusive use is asked for, and given back at once."""
    with closing(_opened(database)) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False
