"""Queues the writers of a SQLite file: threads at a lock in the process, and processes at a lock file.

SQLite allows one writer at a time. Waiting writers sleep between attempts, so under load the lock is often free while
they sleep. The lock file is polled every millisecond, so the next writer starts soon. It only orders the writers;
SQLite's own lock protects the data.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

LOCK_SUFFIX = ".turn"
PATIENCE_SECONDS = 2.0
"""How long to wait for a turn, in seconds. Then SQLite's own lock decides, so a long import does not block the site."""
POLL_SECONDS = 0.001
"""Each attempt costs CPU time: with a tenth of this pause, a voter's whole way costs a quarter more."""


class WriterTurns:
    """The turns of this process's writers. Only the first thread polls the lock file, because polling costs CPU time."""

    def __init__(self, database: Path) -> None:
        self._lock_file = f"{database}{LOCK_SUFFIX}"
        self._first = Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Take a turn. Continue without one if the lock file cannot be opened, or after PATIENCE_SECONDS."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        is_first = self._first.acquire(timeout=PATIENCE_SECONDS)
        file = None
        try:
            with suppress(OSError):
                file = os.open(self._lock_file, os.O_WRONLY | os.O_CREAT, 0o666)
            while file is not None and time.monotonic() < deadline:
                with suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(POLL_SECONDS)
            yield
        finally:
            if file is not None:
                os.close(file)  # releases the lock
            if is_first:
                self._first.release()
