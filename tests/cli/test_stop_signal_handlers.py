"""A command ends when its terminal is closed."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
HANGING_UP_TWICE = """
import os, signal, sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Lock
from cli.stop_signal_handlers import exit_when_terminal_closes

held = Lock()

def stop_first() -> None:
    with held:
        os.kill(os.getpid(), signal.SIGHUP)
        Event().wait(0.1)

def stop_second() -> None:
    with held:
        Path(sys.argv[1]).touch()

parts = ExitStack()
parts.callback(stop_second)
parts.callback(stop_first)
exit_when_terminal_closes(parts)
with held:  # such as the lock of a process that the demo looks after
    os.kill(os.getpid(), signal.SIGHUP)
    Event().wait(0.1)
Event().wait()
"""
CLEANING_UP = """
import os, signal, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from cli.stop_signal_handlers import exit_on_stop_signals

exit_on_stop_signals()
with TemporaryDirectory(dir=sys.argv[1]):
    try:
        os.kill(os.getpid(), signal.SIGHUP)
    finally:
        os.kill(os.getpid(), signal.SIGHUP)
"""


def test_a_command_ends_without_a_signal_from_its_closed_terminal(tmp_path: Path) -> None:
    """A command ends its processes and itself when its terminal is closed, even if it gets no signal."""
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


def test_a_second_hangup_does_not_interrupt_the_cleanup(tmp_path: Path) -> None:
    """The kernel and the command itself each send SIGHUP. The cleanup ends, even if it needs a lock that was held."""
    ended = tmp_path / "ended"
    ours, its = pty.openpty()

    done = subprocess.run(
        [sys.executable, "-c", HANGING_UP_TWICE, ended], stdin=its, check=False, timeout=PATIENCE_SECONDS
    )

    assert done.returncode == STOPPED_BY_SIGHUP
    assert ended.exists()
    os.close(its)
    os.close(ours)


@pytest.mark.parametrize(("ignored", "status"), [(False, STOPPED_BY_SIGHUP), (True, 0)], ids=["terminal", "nohup"])
def test_a_command_cleans_up_when_its_terminal_closes(tmp_path: Path, *, ignored: bool, status: int) -> None:
    """After SIGHUP, a command removes its temporary folder, even if the signal comes twice.

    Under nohup it continues.
    """
    handling = signal.SIG_IGN if ignored else signal.SIG_DFL

    ended = subprocess.run(
        [sys.executable, "-c", CLEANING_UP, tmp_path],
        check=False,
        timeout=PATIENCE_SECONDS,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, handling),
    )

    assert (ended.returncode, list(tmp_path.iterdir())) == (status, [])
