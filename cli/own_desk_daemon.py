"""The desk daemon that `retrouve desk` starts if none is running."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import click

from cli.terminal_translation import say_error
from core.remote_desk.sockets import DESK_SOCKET, connect
from core.text.faces import desk_cli_sentences as words

LOG_FILE = "desk.log"
"""Name of the daemon's log file."""
SECONDS_UNTIL_NOTICE, SECONDS_TO_STOP, LOOK_SECONDS = 10.0, 5.0, 0.02


class OwnDeskDaemon:
    """Runs `retrouve deskd` while the terminal is open."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        own = self._parts.enter_context(tempfile.TemporaryDirectory(prefix="retrouve-desk-"))
        self.socket = Path(own) / DESK_SOCKET
        # If the folder is missing, the daemon reports it.
        place = self.directory if os.access(self.directory, os.W_OK) else self.socket.parent
        self._log = self._parts.enter_context((place / LOG_FILE).open("a+b"))
        self._log.seek(0, os.SEEK_END)
        self._log_start = self._log.tell()
        self._start()
        return self

    def wait_until_it_answers(self) -> None:
        notice_due, is_notice_printed = time.monotonic() + SECONDS_UNTIL_NOTICE, False
        while not self._answers():
            if not is_notice_printed and time.monotonic() >= notice_due:
                say_error(words.STILL_STARTING)
                is_notice_printed = True
            if self._process.poll() is not None:
                self._log.seek(self._log_start)
                click.echo(self._log.read().decode("utf-8", "replace").rstrip("\n"), err=True)
                sys.exit(self._process.returncode)
            time.sleep(LOOK_SECONDS)

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None  # noqa: S101  # it was started with a pipe
        self._process.stdin.close()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._parts.close()

    def restart_if_killed(self) -> bool:
        """Restart the daemon if it has stopped. Always returns True."""
        if self._process.poll() is not None:
            self._start()
        return True

    def _start(self) -> None:
        command = [sys.executable, "-P", "-m", "cli", "deskd", "--dir", str(self.directory)]
        self._process = subprocess.Popen(  # noqa: S603  # our own command
            [*command, "--socket", str(self.socket), "--while-read"],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl+C must not stop the daemon
        )

    def _answers(self) -> bool:
        try:
            connect(self.socket, 1.0).close()
        except OSError:
            return False
        return True
