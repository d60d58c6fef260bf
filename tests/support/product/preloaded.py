"""Starts commands of the product in forks of a process that has already loaded the modules.

Loading modules takes most of the time of a start, and these tests start about a hundred processes. The command, its
arguments, environment and output are the same as in a new process. Only the tests of the demo, the wheel, the README
and the mail server's pipe start new processes.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from cli import main

LOADED = [f"cli.{name}" for name in ("serve", "courier", "deskd")]
SECONDS_TO_END = 180
LOADED += ["tests.support.product.outside", "webhook.site_application", "core.adapters.logs", "psycopg", "pytest"]
"""More modules to load. `pytest` comes last, because a forked process runs the script that started the tests again."""
_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(LOADED)


class StartedProcess(Protocol):
    """The part of `subprocess.Popen` that tests use."""

    @property
    def pid(self) -> int:
        """Return the process id."""

    def poll(self) -> int | None:
        """Return the exit status, or None if the process still runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process, and return its exit status. Raises TimeoutExpired."""

    def send_signal(self, sig: int, /) -> None:
        """Send a signal if the process still runs."""


class PreloadedProcess:
    """A command that runs in a fork of the preloaded process."""

    def __init__(
        self,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        log: Path,
        errors: Path | None = None,
        program: Callable[[list[str]], object] | None = None,
    ) -> None:
        outputs = (str(log), str(errors or log))
        self._process = _server.Process(
            target=_run, args=(program or _retrouve, list(arguments), dict(variables), *outputs)
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit status, or None if the process still runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process, and return its exit status. Raises TimeoutExpired."""
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return status

    def send_signal(self, sig: int) -> None:
        """Send a signal if the process still runs."""
        if self.poll() is None:
            os.kill(self.pid, sig)


def said(*words: str | Path, variables: Mapping[str, str] = {}) -> str:  # the mapping is only read
    """Run a command, which must succeed. Returns its French output."""
    environment = {**os.environ, "RETROUVE_LANGUAGE": "fr", **variables}
    with TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ("said", "errors")]
        status = PreloadedProcess([str(word) for word in words], environment, *outputs).wait(SECONDS_TO_END)
        output, errors = (file.read_text(encoding="utf-8") for file in outputs)
    assert status == 0, output + errors
    return output


def _retrouve(arguments: list[str]) -> None:
    main(arguments)


def _run(
    program: Callable[[list[str]], object], arguments: list[str], variables: dict[str, str], log: str, errors: str
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    for descriptor, file, how in ((0, os.devnull, os.O_RDONLY), (1, log, os.O_WRONLY), (2, errors, os.O_WRONLY)):
        os.dup2(os.open(file, how | os.O_APPEND | os.O_CREAT, 0o666), descriptor)
    multiprocessing.set_start_method(None, force=True)  # the command's own processes start as usual
    sys.argv = ["retrouve", *arguments]
    program(arguments)
