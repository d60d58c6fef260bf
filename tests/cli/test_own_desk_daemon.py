"""A terminal starts the helpdesk's daemon itself, also on a slow machine."""

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
    """A daemon that takes hours to start."""
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    hours = count(step=3600)
    monkeypatch.setattr(own_desk_daemon, "time", SimpleNamespace(monotonic=lambda: next(hours), sleep=time.sleep))
    return OwnDeskDaemon(tmp_path)


def run_instead(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Make the terminal start this program instead of the daemon."""
    start = partial(subprocess.Popen, [sys.executable, "-c", program])
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **options: start(**options))


def test_a_daemon_that_starts_slowly_is_waited_for(
    daemon: OwnDeskDaemon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The terminal waits for a daemon that starts slowly, and says so once."""
    answers = iter([False] * 5 + [True])
    run_instead(monkeypatch, "import sys; sys.stdin.read()")
    monkeypatch.setattr(daemon, "_answers", lambda: next(answers))
    with daemon:
        daemon.wait_until_it_answers()

    assert capsys.readouterr().err.count(STILL_STARTING.msgid) == 1


def test_a_daemon_that_ends_is_not_waited_for(
    daemon: OwnDeskDaemon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the daemon ends, the terminal prints its output and exits with its status."""
    run_instead(monkeypatch, "import sys; print('refused', file=sys.stderr); sys.exit(2)")
    with daemon, pytest.raises(SystemExit) as ended:
        daemon.wait_until_it_answers()

    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("refused\n")
