"""What was committed to a SQLite file is made to last after the turn to write was given back.

With `synchronous = FULL` a commit waits for the disk while every other writer waits for it. Here it only writes the log, the
next one may write, and then the log is synced: until it is, nobody is told what the commit did. SQLite syncs the log itself
before it copies it to the database (`synchronous = NORMAL`, "Write-Ahead Logging", section 2), so that what stands in neither
place is never told.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from core.ports import Unready

LOG = "-wal"
"""What SQLite adds to a database's name. It locks that file nowhere, so that another look at it lets no lock go."""


def make_last(log: Path) -> None:
    """Waits until the disk has the log of a database that has just been written to. Raises Unready."""
    try:
        with suppress(FileNotFoundError):  # whoever closed the database last has copied and synced all of it
            file = os.open(log, os.O_RDONLY)
            try:
                os.fdatasync(file)
            finally:
                os.close(file)
    except OSError as error:
        raise Unready(type(error).__name__) from error


def lasting_on(engine: Engine) -> Callable[[], None]:
    """What makes the last commit on that engine last; a server has done so when it answers."""
    database = engine.url.database if engine.dialect.name == "sqlite" else None
    return partial(make_last, Path(database + LOG)) if database else nothing


def nothing() -> None:
    """It lasts already."""
