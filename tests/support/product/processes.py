"""Processes, seen from outside and ended by their ids."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.product.waiting import eventually
from tests.support.product.warm import Started

RETROUVE = (sys.executable, "-m", "cli")
SECONDS_TO_START = 30
SECONDS_TO_STOP = 5
STOPPED, GONE = "T", ""
ENDED = frozenset({"Z", "X", GONE})
"""A process's states, as /proc tells them: dead and not yet buried, or not there any more."""


def descendants(pid: int) -> list[int]:
    """The processes that one started, and theirs."""
    children: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, tasks.read_text().split())
    return [*children, *(each for child in children for each in descendants(child))]


def alive(pid: int) -> bool:
    """Whether that process runs."""
    return _state(pid) not in ENDED


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return GONE


def put_down(process: Started) -> None:
    """Ends it and all it started, whatever state they are in; their ports are free then."""
    process.send_signal(signal.SIGSTOP)
    eventually(lambda: _state(process.pid) in {STOPPED, *ENDED}, "a process that begins no other")
    family = descendants(process.pid)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.send_signal(signal.SIGKILL)
    process.wait()
    eventually(lambda: not any(map(alive, family)), "the end of all it started")


def name_of(pid: int) -> str:
    """What ps calls it."""
    return Path(f"/proc/{pid}/comm").read_text().rstrip()


def workers_of(serve: int) -> list[int]:
    """The web processes of the command of that id."""
    return [pid for pid in descendants(serve) if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()]


def worked(pid: int) -> int:
    """How long the threads of a process have run, in nanoseconds: its ticks would not show a few requests."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat"))
