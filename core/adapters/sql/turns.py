"""Writers of one SQLite file take turns in a queue.

SQLite lets one write at a time, and whoever comes second sleeps and looks again: under load many sleep while nobody
writes. A lock file of the kernel's wakes the next writer at once. It only orders; SQLite's own lock is what protects.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine

SUFFIX = ".turn"


class Turns:
    """The queue before one database file, shared by threads and processes."""

    def __init__(self, database: Path) -> None:
        self._mine = threading.Lock()
        self._path = database.with_name(database.name + SUFFIX)
        self._file: BinaryIO | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for its turn. Where no lock file can be kept (a full disk), SQLite's own waiting has to do."""
        with self._mine:
            file = self._opened()
            if file is None:
                yield
                return
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Lets the lock file go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> BinaryIO | None:
        if self._file is None:
            try:
                self._file = self._path.open("ab")
            except OSError:
                return None
        return self._file


def turns_of(engine: Engine) -> "Turns | None":
    """The queue of that engine, if it is one file's."""
    database = engine.url.database if engine.dialect.name == "sqlite" else None
    return Turns(Path(database)) if database else None


def turn(turns: Turns | None) -> AbstractContextManager[None]:
    """A turn, or none needed."""
    return nullcontext() if turns is None else turns.turn()
