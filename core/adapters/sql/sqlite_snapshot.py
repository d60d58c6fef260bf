import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

PAGES_AT_ONCE = 500
BUSY_SECONDS = 10.0
Progress = Callable[[int, int], None]


def take_snapshot(database: Path, copy: Path, progress: Progress) -> None:
    """Copy a database while others may write to it. Raises sqlite3.Error."""
    with closing(_opened(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # fixes the moment of the snapshot
        source.backup(target, pages=PAGES_AT_ONCE, progress=lambda _status, left, total: progress(total - left, total))


def find_damage(database: Path) -> str | None:
    """Return the first problem in a database file, or None if it is intact."""
    try:
        with closing(_opened(database)) as connection:
            problems = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        return str(error)
    if problems != ["ok"]:
        return problems[0]
    return None if orphan is None else f"foreign key: {orphan[0]}"


def _opened(database: Path) -> sqlite3.Connection:
    # By default, SQLite would create a missing database.
    return sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_SECONDS
    )


def is_in_use(database: Path) -> bool:
    """Return whether another connection has the database open. Briefly locks the database."""
    with closing(_opened(database)) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False
