"""`retrouve --version` prints the version and, if it is known, the commit."""

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main, program_version

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def told() -> str:
    return CliRunner().invoke(main, ["--version"], catch_exceptions=False).output.strip()


def test_a_checkout_names_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a git checkout, the version includes the commit, even if another account owns the checkout."""
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@vote.example")
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "First"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    monkeypatch.setattr(program_version, "CHECKOUT", tmp_path)
    if os.geteuid() == 0:
        os.chown(tmp_path, NOBODY, NOBODY)

    assert told() == f"retrouve {version('retrouve')} (commit {head[:12]})"


def test_without_a_commit_the_version_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a git checkout, only the version is printed."""
    monkeypatch.setattr(program_version, "CHECKOUT", tmp_path)

    assert told() == f"retrouve {version('retrouve')}"
    assert f'version = "{version("retrouve")}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_ctrl_c_while_a_command_is_loaded_leaves_no_trace() -> None:
    """Ctrl+C ends a command without a stack trace while its modules are loaded."""
    loading = (
        "import signal, sys; sys.argv = ['/usr/bin/retrouve']; signal.signal(2, signal.default_int_handler); import cli; print(signal.getsignal(signal.SIGINT)); "
        "cli.main.get_command(None, 'init'); print(signal.getsignal(signal.SIGINT))"
    )
    during, loaded = subprocess.run(
        [sys.executable, "-c", loading], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()

    assert int(during) == signal.SIG_DFL
    assert "default_int_handler" in loaded
