"""A command that is asked to stop tidies up, as after Ctrl+C, or ends what it has in hand."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from threading import Event, Thread

WISHES_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LOOK_SECONDS = 1
STOPPED_BY_SIGTERM = 128 + signal.SIGTERM
STOPPED_BY_SIGHUP = 128 + signal.SIGHUP


def tidy_when_stopped() -> None:
    """SIGTERM ends the command as an exception does, through every `with` and `finally`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED_BY_SIGTERM))


def set_when_stopped(stopping: Event) -> None:
    """SIGTERM, Ctrl+C and a terminal that is closed set it.

    From a thread: the signal may come while the one it interrupts holds the event's own lock, and would wait for itself.
    """
    for wish in WISHES_TO_STOP:
        signal.signal(wish, lambda *_: Thread(target=stopping.set).start())


def leave_with_the_terminal(parts: ExitStack) -> None:
    """When the terminal is closed under what is drawn there, `parts` are ended, and the command at once.

    Textual would wait for ever to put back a terminal that is gone.
    """

    def leave(*_: object) -> None:
        parts.close()
        os._exit(STOPPED_BY_SIGHUP)

    signal.signal(signal.SIGHUP, leave)
    Thread(target=_tell_when_it_is_gone, daemon=True).start()


def _tell_when_it_is_gone() -> None:
    """The kernel tells the session's first process only: a `make` that is that one waits for us, and tells nobody."""
    while sys.stdin.isatty():
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGHUP)
