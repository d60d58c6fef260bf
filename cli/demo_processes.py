"""The processes of a demo: the commands of a real installation, started, watched and stopped together."""

import ctypes
import multiprocessing
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path

import cli
from cli.stop_signal_handlers import WISHES_TO_STOP
from cli.terminal_translation import CommandRefused
from core.text.faces import demo_cli_sentences as words

FORKS = multiprocessing.get_context("fork")
"""A fork has most modules loaded already; each command started anew would take a second more of the processor."""
SECONDS_TO_STOP = 4.0
SECONDS_TO_START = 60
POLL_SECONDS = 0.05
SIGNAL_WHEN_PARENT_ENDS = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


@dataclass(frozen=True, slots=True)
class RunningCommand:
    """A started command and the file of its log."""

    name: str
    process: ForkProcess
    log: Path

    @property
    def ended(self) -> bool:
        """Return whether the process has ended."""
        return self.process.exitcode is not None


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def run_commands(
    commands: Mapping[str, list[str]], variables: Mapping[str, str], logs: Path
) -> Iterator[list[RunningCommand]]:
    """Start `retrouve …` for each command and stop all at the end, the slowest ones at the same time."""
    started: list[RunningCommand] = []
    try:
        for name, arguments in commands.items():
            log = logs / f"{name}.log"
            started.append(RunningCommand(name, start_fork(name, partial(_become, arguments, variables, log)), log))
        yield started
    finally:
        _stop(started)


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


def _become(arguments: list[str], variables: Mapping[str, str], log: Path) -> None:
    """Run that command in this fork of the demo, as if it had been typed."""
    redirect_output_to_log(log)
    os.environ.update(variables)
    sys.argv = ["retrouve", *arguments]
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"retrouve {arguments[0]}", "ascii")  # for who looks with ps or top
    cli.main(arguments)


def _stop(started: list[RunningCommand]) -> None:
    for each in started:
        if not each.ended:
            each.process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for each in started:
        each.process.join(max(0.1, deadline - time.monotonic()))
        if not each.ended:
            assert each.process.pid is not None  # noqa: S101  # it was started
            os.killpg(each.process.pid, signal.SIGKILL)
            each.process.join()


def wait_until_ready(address: str, started: list[RunningCommand], stopping: Callable[[], bool]) -> None:
    """Wait until the site answers. Raises CommandRefused."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and not stopping():
        require_running(started)
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=1):  # noqa: S310  # our own loopback address
            return
        time.sleep(POLL_SECONDS)
    if not stopping():
        raise CommandRefused(words.NOT_READY, seconds=SECONDS_TO_START, logs=str(started[0].log.parent))


def require_running(started: list[RunningCommand]) -> None:
    """Check that no process has ended. Raises CommandRefused."""
    for each in started:
        if each.ended:
            raise CommandRefused(words.STOPPED_BY_ITSELF, process=each.name, log=str(each.log))
