"""The daemon that a terminal starts, on a slow machine."""

import subprocess
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli import own_desk_daemon
from cli.own_desk_daemon import OwnDeskDaemon
from core.text.faces.desk_cli_sentences import STILL_STARTING


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnDeskDaemon:
    """A daemon that takes a very long time to start."""
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    hours = count(step=3600)
    monkeypatch.setattr(own_desk_daemon, "time", SimpleNamespace(monotonic=lambda: next(hours), sleep=time.sleep))
    return OwnDeskDaemon(tmp_path)


def run_instead(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Make the daemon run this program instead of its own."""
    start = partial(subprocess.Popen, [sys.executable, "-c", program])
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **options: start(**options))


def test_a_daemon_that_starts_slowly_is_waited_for(
    daemon: OwnDeskDaemon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The terminal waits for hours, says once what it waits for, and goes on when the daemon answers."""
    answers = iter([False] * 5 + [True])
    run_instead(monkeypatch, "import sys; sys.stdin.read()")
    monkeypatch.setattr(daemon, "_answers", lambda: next(answers))
    with daemon:
        daemon.wait_until_it_answers()

    assert capsys.readouterr().err.count(STILL_STARTING.msgid) == 1


def test_a_daemon_that_ends_is_not_waited_for(
    daemon: OwnDeskDaemon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The terminal prints the daemon's output and exits with its status."""
    run_instead(monkeypatch, "import sys; print('refused', file=sys.stderr); sys.exit(2)")
    with daemon, pytest.raises(SystemExit) as ended:
        daemon.wait_until_it_answers()

    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("refused\n")
