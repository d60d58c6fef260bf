"""Queues the writers of a SQLite file at a lock file.

SQLite allows one writer at a time. Waiting writers sleep between attempts, so under load the lock is often free while
they sleep. The lock file is polled much more often, so the next writer starts immediately. It only orders the writers;
SQLite's own lock protects the data.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK_SUFFIX = ".turn"
PATIENCE_SECONDS = 2.0
"""How long to wait for the lock file, in seconds.

Then SQLite's own lock decides, so a long import does not block the site.
"""
POLL_SECONDS = 0.0001
"""Shorter than a write. With a millisecond, both cores idle while the lock is free (1,090 requests/s against 1,560)."""


@contextmanager
def hold_writer_lock_file(database: Path) -> Iterator[None]:
    """Hold the lock file of a database, if it can be opened and becomes free in time."""
    try:
        file = os.open(f"{database}{LOCK_SUFFIX}", os.O_WRONLY | os.O_CREAT, 0o666)
    except OSError:
        yield
        return
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(file)  # releases the lock
