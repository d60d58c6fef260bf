"""Coordinates the threads and processes that write to a SQLite database."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

LOCK_SUFFIX = ".turn"
PATIENCE_SECONDS = 2.0
POLL_SECONDS = 0.002
"""Number of seconds between two attempts to lock the file."""


class WriterTurns:
    """Lets threads and processes write to a SQLite database one after another."""

    def __init__(self, database: Path) -> None:
        self._lock_file = f"{database}{LOCK_SUFFIX}"
        self._first = Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for other writers, at most PATIENCE_SECONDS, then run the `with` block."""
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
