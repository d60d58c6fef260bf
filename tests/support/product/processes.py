"""Processes, seen from outside and ended by their ids."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.product.warm import Started

RETROUVE = (sys.executable, "-m", "cli")
SECONDS_TO_START = 30
SECONDS_TO_STOP = 5


def descendants(pid: int) -> list[int]:
    """The processes that one started, and theirs."""
    children: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, tasks.read_text().split())
    return [*children, *(each for child in children for each in descendants(child))]


def alive(pid: int) -> bool:
    """Whether that process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def put_down(process: Started) -> None:
    """Ends it and all it started, whatever state they are in."""
    process.send_signal(signal.SIGSTOP)  # it must begin no other meanwhile
    for pid in descendants(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.send_signal(signal.SIGKILL)
    process.wait()


def name_of(pid: int) -> str:
    """What ps calls it."""
    return Path(f"/proc/{pid}/comm").read_text().rstrip()


def workers_of(serve: int) -> list[int]:
    """The web processes of the command of that id."""
    return [pid for pid in descendants(serve) if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()]


def worked(pid: int) -> int:
    """How long the threads of a process have run, in nanoseconds: its ticks would not show a few requests."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat"))
