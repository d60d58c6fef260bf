"""The processes of a demo: the very commands of a real installation, started, watched and stopped together."""

import json
import multiprocessing
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import cli
from cli.stopping import WISHES_TO_STOP

FORKS = multiprocessing.get_context("fork")
"""A demo has loaded most of what its parts load: begun from nothing, each would take a second more of the processor."""
SECONDS_TO_STOP = 4.0
SECONDS_TO_START = 60
POLL_SECONDS = 0.05


class StoppedByItself(Exception):
    """A process ended that should not have."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class NotReady(Exception):
    """The site did not answer in time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started command and where its log goes."""

    name: str
    process: BaseProcess
    log: Path

    @property
    def ended(self) -> bool:
        """Whether it is not there any more."""
        return self.process.exitcode is not None


def port_free(port: int) -> bool:
    """Whether the site could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(commands: Mapping[str, list[str]], variables: Mapping[str, str], logs: Path) -> Iterator[list[Running]]:
    """Starts `retrouve …` for each command; all are stopped at the end, the ones that take longest together."""
    started: list[Running] = []
    try:
        started.extend(_start(name, arguments, variables, logs) for name, arguments in commands.items())
        yield started
    finally:
        _stop(started)


def _start(name: str, arguments: list[str], variables: Mapping[str, str], logs: Path) -> Running:
    log = logs / f"{name}.log"
    process = FORKS.Process(target=_become, args=(arguments, variables, log), name=name)
    with _unasked_to_stop():
        process.start()
    return Running(name, process, log)


@contextmanager
def _unasked_to_stop() -> Iterator[None]:
    """Until the end of the block nobody hears it: a part would hear it as the demo does, which is not how it stops."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WISHES_TO_STOP)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def do_apart(work: Callable[[], None], stopping: Callable[[], bool]) -> None:
    """Does it in a fork, which is ended at once when the demo is to stop. Leaves the command as the work does.

    Not in the demo itself: an exception that a signal raises while something is being loaded may be lost there.
    """
    process = FORKS.Process(target=_do, args=(work,), name="apart")
    with _unasked_to_stop():
        process.start()
    while process.is_alive() and not stopping():
        process.join(POLL_SECONDS)
    if stopping():
        process.kill()
    process.join()
    if process.exitcode and not stopping():
        sys.exit(process.exitcode)


def _do(work: Callable[[], None]) -> None:
    _heed_the_demo_alone()
    work()


def _become(arguments: list[str], variables: Mapping[str, str], log: Path) -> None:
    """That command, in this fork of the demo, as if it had been typed."""
    _heed_the_demo_alone()
    with log.open("ab") as file:
        for written_to in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), written_to.fileno())
    os.environ.update(variables)
    sys.argv = ["retrouve", *arguments]
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"retrouve {arguments[0]}", "ascii")  # for who looks with ps or top
    cli.main(arguments)


def _heed_the_demo_alone() -> None:
    """Ctrl+C reaches the demo, which stops its forks in order."""
    os.setsid()
    for wish in WISHES_TO_STOP:
        signal.signal(wish, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WISHES_TO_STOP)


def _stop(started: list[Running]) -> None:
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


def wait_until_ready(address: str, started: list[Running], stopping: Callable[[], bool]) -> None:
    """Returns when the site answers. Raises StoppedByItself, NotReady."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and not stopping():
        check(started)
        if _answers(f"{address}/readyz"):
            return
        time.sleep(POLL_SECONDS)
    if not stopping():
        raise NotReady


def all_running(started: list[Running]) -> bool:
    """Whether every process is still there."""
    return not any(each.ended for each in started)


def check(started: list[Running]) -> None:
    """Raises StoppedByItself for a process that ended."""
    for each in started:
        if each.ended:
            raise StoppedByItself(each.name)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310  # our own loopback address
            return bool(response.status == 200)  # noqa: PLR2004  # HTTP's "ok"
    except (urllib.error.URLError, OSError):
        return False


class LiveLog:
    """Reads what the processes log, a short line an event."""

    def __init__(self, started: list[Running]) -> None:
        self._files = [(each.name, each.log.open(encoding="utf-8", errors="replace")) for each in started]
        for _, file in self._files:
            file.seek(0, os.SEEK_END)

    def lines(self) -> Iterator[str]:
        """What is new, for a person to glance at."""
        for name, file in self._files:
            for line in file:
                short = _short(name, line)
                if short is not None:
                    yield short

    def close(self) -> None:
        """Done."""
        for _, file in self._files:
            file.close()


def _short(name: str, line: str) -> str | None:
    try:
        logged = json.loads(line)
    except ValueError:
        return None
    if logged.get("event") == "request" and "/static" in logged.get("route", ""):
        return None
    details = " ".join(str(logged[key]) for key in ("method", "route", "status", "kind", "reason") if key in logged)
    clock = str(logged.get("timestamp", ""))[11:19]
    return f"{clock}  {name:<8} {logged.get('event', '')} {details}"
