"""A terminal that is closed under what is drawn there."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from cli.stopping import STOPPED_BY_SIGHUP

PATIENCE_SECONDS = 30
WAITING = """
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from cli.stopping import leave_with_the_terminal

parts = ExitStack()
parts.callback(Path(sys.argv[1]).touch)
leave_with_the_terminal(parts)
print("drawn", flush=True)
Event().wait()
"""


def test_a_command_ends_though_nobody_told_it_that_its_terminal_is_gone(tmp_path: Path) -> None:
    """As under a `make` that began the terminal's session: the kernel tells that one only. The parts are ended first."""
    ended = tmp_path / "ended"
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, ended], stdin=its, stdout=subprocess.PIPE, start_new_session=True
    ) as command:
        try:
            assert command.stdout is not None
            assert command.stdout.readline() == b"drawn\n"
            os.close(its)
            os.close(ours)

            assert command.wait(PATIENCE_SECONDS) == STOPPED_BY_SIGHUP
            assert ended.exists()
        finally:
            command.kill()
