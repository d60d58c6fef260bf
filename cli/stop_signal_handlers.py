"""Handlers of stop signals: a command cleans up as after Ctrl+C, or finishes its work in progress."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from threading import Event, Thread
from threading import enumerate as running_threads

WISHES_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOPPING_THREAD = "stop-signal"
LOOK_SECONDS = 1
STOPPED_BY_SIGHUP = 128 + signal.SIGHUP


def is_started_in_terminal() -> bool:
    """Tell whether a person started the command in a terminal, whose end SIGHUP tells."""
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def exit_on_stop_signals() -> None:
    """Make SIGTERM and the closing of the terminal end the command as an exception does, through every `with` and `finally`.

    SIGHUP stays ignored where it is (nohup).
    """

    def leave(wish: int, _frame: object) -> None:
        if wish == signal.SIGHUP:  # the kernel sends one and the shell another, which would end the cleanup
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        sys.exit(128 + wish)

    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, leave)


def set_on_stop_signal(*stopping: Event) -> None:
    """Set the events on SIGTERM, Ctrl+C and the closing of the terminal.

    Uses a thread, because the signal may interrupt the holder of an event's own lock, which would wait for itself.
    """

    def stop() -> None:
        for each in stopping:
            each.set()

    for wish in WISHES_TO_STOP:
        signal.signal(wish, lambda *_: Thread(target=stop, name=STOPPING_THREAD).start())


def block_stop_signals() -> None:
    """Let the stop signals wait from now on; the events of those that came before are set."""
    signal.pthread_sigmask(signal.SIG_BLOCK, WISHES_TO_STOP)
    for thread in running_threads():
        if thread.name == STOPPING_THREAD:
            thread.join()


def exit_when_terminal_closes(parts: ExitStack) -> None:
    """End `parts` and the command when the terminal is closed.

    Textual would wait for ever to restore a terminal that is gone.
    """

    def leave(*_: object) -> None:
        parts.close()
        os._exit(STOPPED_BY_SIGHUP)

    signal.signal(signal.SIGHUP, leave)
    Thread(target=_tell_when_it_is_gone, daemon=True).start()


def _tell_when_it_is_gone() -> None:
    """Watch the terminal: the kernel signals only the session's first process, and a `make` that is it does not pass it on."""
    while sys.stdin.isatty():
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGHUP)
