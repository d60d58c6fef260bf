"""A demo runs some work in a separate process, so that an interruption cannot be lost in it."""

import os
import sys
from pathlib import Path
from time import sleep

import pytest

from cli.demo_processes import run_in_fork


def test_work_ends_before_the_demo_continues(tmp_path: Path) -> None:
    """The work runs in another process, which has ended when the demo continues."""
    note = tmp_path / "pid"

    run_in_fork(lambda: _leave_word(note), lambda: False)

    assert note.read_text("ascii") != str(os.getpid())
    assert not _runs(note)


def test_work_that_swallows_the_signal_is_ended(tmp_path: Path) -> None:
    """An interruption ends the process even when its code swallows the exception that the signal raises."""
    note = tmp_path / "pid"

    def deaf() -> None:
        _leave_word(note)
        while True:
            try:
                sleep(0.01)
            except BaseException:  # noqa: BLE001, S112  # this is what is tested
                continue

    run_in_fork(deaf, note.exists)

    assert not _runs(note)


def test_the_demo_exits_as_the_work_does(capfd: pytest.CaptureFixture[str]) -> None:
    """A demo whose work fails exits with the same status and prints the message once."""
    with pytest.raises(SystemExit) as left:
        run_in_fork(lambda: sys.exit("nothing to build it with"), lambda: False)

    assert left.value.code == 1
    assert capfd.readouterr().err.count("nothing to build it with") == 1


def _leave_word(note: Path) -> None:
    written = note.with_suffix(".new")
    written.write_text(str(os.getpid()), "ascii")
    written.rename(note)


def _runs(note: Path) -> bool:
    return Path(f"/proc/{note.read_text('ascii')}").exists()
