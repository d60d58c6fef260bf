"""What a demo does apart, so that a wish to stop cannot be lost in it."""

import os
import sys
from pathlib import Path
from time import sleep

import pytest

from cli.demo_processes import do_apart


def test_it_is_done_before_the_demo_goes_on(tmp_path: Path) -> None:
    """In another process, which is gone then."""
    note = tmp_path / "pid"

    do_apart(lambda: _leave_word(note), lambda: False)

    assert note.read_text("ascii") != str(os.getpid())
    assert not _runs(note)


def test_what_would_swallow_the_wish_is_ended_all_the_same(tmp_path: Path) -> None:
    """As an import does, now and then, with an exception that a signal raises in it."""
    note = tmp_path / "pid"

    def deaf() -> None:
        _leave_word(note)
        while True:
            try:
                sleep(0.01)
            except BaseException:  # noqa: BLE001, S112  # the very thing
                continue

    do_apart(deaf, note.exists)

    assert not _runs(note)


def test_the_demo_leaves_as_the_work_does(capfd: pytest.CaptureFixture[str]) -> None:
    """With its words, told once."""
    with pytest.raises(SystemExit) as left:
        do_apart(lambda: sys.exit("nothing to build it with"), lambda: False)

    assert left.value.code == 1
    assert capfd.readouterr().err.count("nothing to build it with") == 1


def _leave_word(note: Path) -> None:
    written = note.with_suffix(".new")
    written.write_text(str(os.getpid()), "ascii")
    written.rename(note)


def _runs(note: Path) -> bool:
    return Path(f"/proc/{note.read_text('ascii')}").exists()
