"""The lock of a file or folder that one program at a time may hold. It ends with the program."""

import fcntl
import time
from typing import IO

POLL_SECONDS = 0.1


def take_lock(opened: int | IO[str], seconds: float = 0) -> bool:
    """Lock an open file, waiting up to that long for another holder. Returns whether the lock was taken."""
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
