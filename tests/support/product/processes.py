"""Observes and ends processes by their ids, and runs the conformance cases on a product."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.conformance.waiting import eventually
from tests.support.product.preloaded import StartedProcess

ROOT = Path(__file__).parents[3]
RETROUVE = (sys.executable, "-m", "cli")
SECONDS_TO_START = 180
SECONDS_TO_STOP = 180
SECONDS_OF_ALL_CASES = 900
STOPPED, GONE = "T", ""
ENDED = frozenset({"Z", "X", GONE})
"""States in /proc of a process that has ended: it is a zombie or no longer exists."""


def descendants(pid: int) -> list[int]:
    """Return the ids of all descendants. A process that ends during the search has none."""
    children: list[int] = []
    with suppress(OSError):
        for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                children += map(int, tasks.read_text().split())
    return [*children, *(each for child in children for each in descendants(child))]


def alive(pid: int) -> bool:
    """Return whether any thread of a process still runs.

    A killed process keeps its files open until its last thread ends.
    """
    return not _thread_states(pid) <= ENDED


def _thread_states(pid: int) -> set[str]:
    return {_thread_state(stat) for stat in Path(f"/proc/{pid}/task").glob("*/stat")}


def _thread_state(stat: Path) -> str:
    try:
        return stat.read_text().rpartition(")")[2].split()[0]
    except OSError:
        return GONE


def put_down(process: StartedProcess) -> None:
    """Kill a process and all its descendants, which frees their ports."""
    process.send_signal(signal.SIGSTOP)
    eventually(lambda: _thread_states(process.pid) <= {STOPPED, *ENDED}, "a process that begins no other")
    family = descendants(process.pid)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.send_signal(signal.SIGKILL)
    process.wait()
    eventually(lambda: not any(map(alive, family)), "the end of all it started")


def name_of(pid: int) -> str:
    """Return the name of a process, or an empty string if the process has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().rstrip()
    except (FileNotFoundError, ProcessLookupError):
        return GONE


def workers_of(serve: int) -> list[int]:
    """Return the process ids of the web processes of a `serve`."""
    return [pid for pid in descendants(serve) if "resource_tracker" not in command_of(pid)]


def command_of(pid: int) -> str:
    """Return the words of a process's command, each with a zero byte at its end.

    If the process has just ended, return the command of a resource tracker.
    """
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "resource_tracker"


def worked(pid: int) -> int:
    """Return the CPU time of a process in nanoseconds. Clock ticks would be too coarse for a few requests."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def judged(
    site: str, *options: str | Path, variables: Mapping[str, str] = {}, seconds: float = SECONDS_OF_ALL_CASES
) -> "subprocess.CompletedProcess[str]":
    """Run the conformance cases on a site. Returns the finished process."""
    command = [sys.executable, "-m", "tests.conformance", "--url", site, *map(str, options)]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
