"""The lock of a file or folder that one program at a time may hold; it ends with the program."""

import fcntl
import time
from typing import IO

from cli.terminal_translation import CommandRefused
from core.text.text import Text

POLL_SECONDS = 0.1


def take_lock(opened: int | IO[str], sentence: Text, *, seconds: float = 0, **facts: object) -> None:
    """Take the lock of an open file, waiting that long for who holds it. Raises CommandRefused with that sentence."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise CommandRefused(sentence, **facts) from None
            time.sleep(POLL_SECONDS)
        else:
            return
