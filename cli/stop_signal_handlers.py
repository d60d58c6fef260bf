"""Handlers of stop signals. A command cleans up as after Ctrl+C, or finishes its work."""

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
    """Return whether the command runs in a terminal, which sends SIGHUP when it closes."""
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def exit_on_stop_signals() -> None:
    """Make SIGTERM and SIGHUP end the command like an exception, so that every `with` and `finally` runs.

    If SIGHUP is ignored (nohup), it stays ignored.
    """

    def leave(wish: int, _frame: object) -> None:
        if wish == signal.SIGHUP:  # the kernel and the shell each send one; the second would interrupt the cleanup
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        sys.exit(128 + wish)

    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, leave)


def set_on_stop_signal(*stopping: Event) -> None:
    """Set the events on SIGTERM, Ctrl+C and the closing of the terminal.

    A thread sets them, because the signal may interrupt code that holds an event's lock, which would deadlock.
    """

    def stop() -> None:
        for each in stopping:
            each.set()

    for wish in WISHES_TO_STOP:
        signal.signal(wish, lambda *_: Thread(target=stop, name=STOPPING_THREAD).start())


def block_stop_signals() -> None:
    """Block stop signals, and wait until the events of earlier signals are set."""
    signal.pthread_sigmask(signal.SIG_BLOCK, WISHES_TO_STOP)
    for thread in running_threads():
        if thread.name == STOPPING_THREAD:
            thread.join()


def exit_when_terminal_closes(parts: ExitStack) -> None:
    """End `parts` and the command when the terminal is closed.

    Textual would wait forever to restore a closed terminal.
    """

    def leave(*_: object) -> None:
        parts.close()
        os._exit(STOPPED_BY_SIGHUP)

    signal.signal(signal.SIGHUP, leave)
    Thread(target=_tell_when_it_is_gone, daemon=True).start()


def _tell_when_it_is_gone() -> None:
    """Send SIGHUP to this process when the terminal closes. The kernel signals only the session leader."""
    while sys.stdin.isatty():
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGHUP)
