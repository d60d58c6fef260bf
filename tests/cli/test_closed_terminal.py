"""A command ends when its terminal is closed."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from cli.stop_signal_handlers import STOPPED_BY_SIGHUP

PATIENCE_SECONDS = 180
WAITING = """
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from cli.stop_signal_handlers import exit_when_terminal_closes

parts = ExitStack()
parts.callback(Path(sys.argv[1]).touch)
exit_when_terminal_closes(parts)
print("drawn", flush=True)
Event().wait()
"""


def test_a_command_ends_without_a_signal_from_its_closed_terminal(tmp_path: Path) -> None:
    """A command whose terminal was closed ends its processes, then itself, though the kernel signals only `make`."""
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
