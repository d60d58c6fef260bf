"""Syncs what was committed to a SQLite file after the write lock was released.

With `synchronous = FULL` a commit waits for the disk while every other writer waits for it. With NORMAL it only writes the
write-ahead log, the next writer goes on, and then the log is synced: until it is, nobody is told of the commit. SQLite syncs the
log itself before it copies it to the database ("Write-Ahead Logging", section 2), so what is in neither place was never told.
"""

import os
from contextlib import suppress
from pathlib import Path

from core.ports import StoreUnavailable

WAL_SUFFIX = "-wal"
"""Suffix of the write-ahead log beside the database. SQLite holds no lock on that file, so closing it here releases none."""


def sync_wal(database: Path) -> None:
    """Wait until the disk has the write-ahead log of that database. Raises StoreUnavailable."""
    try:
        with suppress(FileNotFoundError):  # whoever closed the database last has copied and synced all of it
            log = os.open(f"{database}{WAL_SUFFIX}", os.O_RDONLY)
            try:
                os.fdatasync(log)
            finally:
                os.close(log)
    except OSError as error:
        raise StoreUnavailable(type(error).__name__) from error
