"""Makes the writers of a SQLite database take turns, with a lock for threads and a lock file for processes."""

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
    """Makes the threads of this process write one after the other. Only the first thread waits for the lock file."""

    def __init__(self, database: Path) -> None:
        self._lock_file = f"{database}{LOCK_SUFFIX}"
        self._first = Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait until no other thread or process is writing, then run the `with` block.

        After PATIENCE_SECONDS, runs the block anyway.
        """
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
