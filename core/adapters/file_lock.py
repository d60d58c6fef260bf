"""Locks a file or folder, so that only one program uses it at a time. The lock ends when the program ends."""

import fcntl
import time
from typing import IO

POLL_SECONDS = 0.1


def take_lock(opened: int | IO[str], seconds: float = 0) -> bool:
    """Try to lock an open file for at most `seconds`. Returns whether the file is now locked."""
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
