"""Signal handlers that let a command clean up before it stops."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from threading import Event, Thread
from threading import enumerate as running_threads

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOPPING_THREAD = "stop-signal"
LOOK_SECONDS = 1
STOPPED_BY_SIGHUP = 128 + signal.SIGHUP


def is_started_in_terminal() -> bool:
    """Return whether the command runs in a terminal."""
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def exit_on_stop_signals() -> None:
    """On SIGTERM or SIGHUP, raise SystemExit so that cleanup code runs."""

    def leave(number: int, _frame: object) -> None:
        if number == signal.SIGHUP:  # the kernel and the shell each send one; the second would interrupt the cleanup
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, leave)


def set_on_stop_signal(*stopping: Event) -> None:
    """Set the events on SIGTERM, SIGINT or SIGHUP. Uses a thread to avoid deadlocks."""

    def stop() -> None:
        for each in stopping:
            each.set()

    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: Thread(target=stop, name=STOPPING_THREAD).start())


def block_stop_signals() -> None:
    """Block stop signals, and wait until earlier signals have set their events."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    for thread in running_threads():
        if thread.name == STOPPING_THREAD:
            thread.join()


def exit_when_terminal_closes(parts: ExitStack) -> None:
    """When the terminal closes, clean up by closing `parts`, and end the command."""

    def leave(*_: object) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the kernel and the thread below each send one
        Thread(target=close_and_exit, args=(parts.pop_all(),)).start()

    def close_and_exit(taken: ExitStack) -> None:
        taken.close()
        os._exit(STOPPED_BY_SIGHUP)

    signal.signal(signal.SIGHUP, leave)
    Thread(target=_send_sighup_when_terminal_closes, daemon=True).start()


def _send_sighup_when_terminal_closes() -> None:
    while sys.stdin.isatty():
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGHUP)
