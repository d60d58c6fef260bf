"""The processes of a demo: the commands of a real installation, started, watched and stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.text.faces import demo_cli_sentences as words
from demo import DemoRefused

RETROUVE = (sys.executable, "-P", "-m", "cli")
"""The command. -P: modules in the current folder are not imported."""
ENDED_WITH_THE_DEMO = ("setpriv", "--pdeathsig", "TERM")
"""Starts a command that gets SIGTERM when its parent ends, even if the parent is killed."""
SECONDS_TO_STOP = 4.0
SECONDS_TO_START = 60
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class RunningCommand:
    """A started command and the file of its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def run_commands(
    names: Sequence[str], folder: Path, variables: Mapping[str, str], logs: Path
) -> Iterator[list[RunningCommand]]:
    """Start `retrouve NAME --dir FOLDER` for each name, and stop all of them at the end of the block."""
    started: list[RunningCommand] = []
    try:
        for name in names:
            log = logs / f"{name}.log"
            with log.open("ab") as file:
                process = subprocess.Popen(  # noqa: S603  # our own command
                    [*ENDED_WITH_THE_DEMO, *RETROUVE, name, "--dir", str(folder)],
                    env={**os.environ, **variables},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,  # Ctrl+C and a closed terminal reach the demo alone, which stops the others
                )
            started.append(RunningCommand(name, process, log))
        yield started
    finally:
        _stop([each.process for each in started])


def _stop(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_ready(address: str, started: Sequence[RunningCommand], stopping: Callable[[], bool]) -> None:
    """Wait until the site answers. Raises DemoRefused."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and not stopping():
        require_running(started)
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=1):  # noqa: S310  # our own loopback address
            return
        time.sleep(POLL_SECONDS)
    if not stopping():
        raise DemoRefused(words.NOT_READY, seconds=SECONDS_TO_START, logs=str(started[0].log.parent))


def require_running(started: Sequence[RunningCommand]) -> None:
    """Check that no process has ended. Raises DemoRefused."""
    for each in started:
        if each.process.poll() is not None:
            raise DemoRefused(words.STOPPED_BY_ITSELF, process=each.name, log=str(each.log))
