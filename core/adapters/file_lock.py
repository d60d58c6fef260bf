"""Locks that let only one program use a file or folder at a time."""

import fcntl
import time
from typing import IO

POLL_SECONDS = 0.1


def take_lock(opened: int | IO[str], seconds: float = 0) -> bool:
    """Wait at most `seconds` for the lock of an open file. Returns whether the lock was obtained."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True
