"""Forks of the demo in which its help is built and its pictures are taken."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkProcess
from pathlib import Path

from cli.stop_signal_handlers import WISHES_TO_STOP
from cli.terminal_translation import CommandRefused

FORKS = multiprocessing.get_context("fork")
"""A fork has most modules loaded already; each command started anew would take a second more of the processor."""
POLL_SECONDS = 0.05
SIGNAL_WHEN_PARENT_ENDS = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def run_in_fork(work: Callable[[], None], stopping: Callable[[], bool]) -> None:
    """Do the work in a fork, which ends at once when the demo stops; exit with the fork's status if it failed.

    A fork, because an exception raised by a signal during an import may be lost.
    """
    process = start_fork("apart", work)
    while process.is_alive() and not stopping():
        process.join(POLL_SECONDS)
    if stopping():
        process.kill()
    process.join()
    if process.exitcode and not stopping():
        sys.exit(process.exitcode)


def start_fork(name: str, work: Callable[[], None]) -> ForkProcess:
    """Start to do the work in a fork with a process group of its own."""
    process = FORKS.Process(target=_do, args=(work,), name=name)
    # blocked meanwhile, because the fork would handle them as the demo does
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WISHES_TO_STOP)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def kill_fork_and_children(process: ForkProcess) -> None:
    """Kill a fork that runs at idle priority, and all that it started, at once even where the machine is busy."""
    for each in _family(process.pid or 0):
        with suppress(OSError):  # it has ended; or only root may raise a priority
            for thread in os.listdir(f"/proc/{each}/task"):  # noqa: PTH208  # numbers, not paths
                os.sched_setscheduler(int(thread), os.SCHED_OTHER, os.sched_param(0))
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    process.join()


def _family(pid: int) -> list[int]:
    """Return the process and its descendants."""
    try:
        children = [
            int(each) for file in Path(f"/proc/{pid}/task").glob("*/children") for each in file.read_text().split()
        ]
    except OSError:
        children = []
    return [pid, *(each for child in children for each in _family(child))]


def _do(work: Callable[[], None]) -> None:
    """Do the work in a fork: ignore Ctrl+C, since the demo stops its forks in order; end with a demo that is killed."""
    os.setsid()
    ctypes.CDLL(None).prctl(*map(ctypes.c_ulong, (SIGNAL_WHEN_PARENT_ENDS, signal.SIGTERM)))
    for wish in WISHES_TO_STOP:
        signal.signal(wish, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WISHES_TO_STOP)
    try:
        work()
    except CommandRefused as refused:
        refused.show()
        sys.exit(refused.exit_code)


def redirect_output_to_log(log: Path) -> None:
    """Send all that this process and its forks write to that file, and not to the terminal, which others draw on."""
    with log.open("ab") as file:
        for written_to in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), written_to.fileno())
