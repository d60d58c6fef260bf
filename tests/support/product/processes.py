"""Observes and ends processes by pid, and runs `python -m tests.conformance` on a product."""

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
"""The states of an ended process in /proc: zombie or gone."""


def descendants(pid: int) -> list[int]:
    children: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, tasks.read_text().split())
    return [*children, *(each for child in children for each in descendants(child))]


def alive(pid: int) -> bool:
    """Return whether any thread of that process runs. A killed process keeps its files until its last thread ends."""
    return not _thread_states(pid) <= ENDED


def _thread_states(pid: int) -> set[str]:
    return {_thread_state(stat) for stat in Path(f"/proc/{pid}/task").glob("*/stat")}


def _thread_state(stat: Path) -> str:
    try:
        return stat.read_text().rpartition(")")[2].split()[0]
    except OSError:
        return GONE


def put_down(process: StartedProcess) -> None:
    """Kill the process and all its descendants, which frees their ports."""
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
    """Return the process's name, or an empty string if it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().rstrip()
    except (FileNotFoundError, ProcessLookupError):
        return GONE


def workers_of(serve: int) -> list[int]:
    """Return the web processes of the `serve` with that pid."""
    return [pid for pid in descendants(serve) if "resource_tracker" not in command_of(pid)]


def command_of(pid: int) -> str:
    """Return the words of a process's command, each ended by a zero byte; that of the resource tracker when it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "resource_tracker"


def worked(pid: int) -> int:
    """Return the CPU time of a process in nanoseconds. Clock ticks are too coarse for a few requests."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def judged(
    site: str, *options: str | Path, variables: Mapping[str, str] = {}, seconds: float = SECONDS_OF_ALL_CASES
) -> "subprocess.CompletedProcess[str]":
    """Run the conformance cases on that site."""
    command = [sys.executable, "-m", "tests.conformance", "--url", site, *map(str, options)]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
