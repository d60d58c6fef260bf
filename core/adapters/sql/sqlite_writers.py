"""Queues the writers of one SQLite file: the threads of a process at a lock, the processes at a lock file.

SQLite lets one writer in at a time, and a second one sleeps and looks again: under load many sleep while nobody writes. The lock
file, looked at much more often, lets the next one in at once. It only orders; SQLite's own lock protects.
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
"""Seconds of waiting for a turn; then SQLite's own waiting decides, so that a long import does not stop the site."""
POLL_SECONDS = 0.0001
"""Shorter than a write lasts: at a millisecond both cores idle while the lock is free."""


class WriterTurns:
    """The turns of this process's writers. Only the first thread looks at the lock file, because each look costs CPU time."""

    def __init__(self, database: Path) -> None:
        self._lock_file = f"{database}{LOCK_SUFFIX}"
        self._first = Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Take a turn. Goes on without one if the lock file cannot be opened, or if no turn comes in time."""
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
                os.close(file)  # which releases the lock
            if is_first:
                self._first.release()
