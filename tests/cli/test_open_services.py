"""A command without its database, keys or disk space ends with a sentence and no stack trace."""

import errno
from pathlib import Path
from shutil import rmtree
from unittest.mock import Mock, patch

import pytest
from click.testing import CliRunner, Result

from cli import main
from cli.open_services import reopen_services
from core.adapters.sql.store import SqlStore
from core.app.services import Services
from core.ports import CommitOutcomeUnknown
from core.security.key_roles import ProgramKeyRole
from demo.fictional_voters import fictional_people, write_roll
from tests.support.disks import fill, remount, small_disk
from tests.support.folders import copied_folder

GONE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
EXIT_STATUSES = {0, 1, 2, 75}
"""Exit statuses for success, failure, invalid settings or keys, and "try again later" (see sysexits(3))."""
COMMANDS = (
    "roll import {roll}",
    "bounces --recipient nobody@vote.example",
    "doctor",
    "keys rotate",
    "keys retire",
    "keys list",
    "backup {folder}.backup",
    "backup {folder}.whole --with-key",
    "restore {backup}",
    "move sqlite:///other.sqlite3",
    "init",
    "init --upgrade",
)


def run(folder: Path, command: str) -> Result:
    beside = folder.parent
    words = command.format(roll=beside / "roll.csv", folder=folder, backup=beside / "kept.backup").split()
    return CliRunner().invoke(main, [*words, "--dir", str(folder)], input="", catch_exceptions=False)


def prepare(folder: Path) -> Path:
    """Create an election and, beside it, the files that the commands need."""
    copied_folder(folder)
    write_roll(list(fictional_people(5, seed=1)), folder.parent / "roll.csv")
    assert run(folder, "backup {backup} --with-key").exit_code == 0
    return folder


def assert_all_reported(folder: Path) -> None:
    for command in COMMANDS:
        assert_reported(folder, command)


def assert_reported(folder: Path, command: str) -> None:
    """Check that a command ends with a known exit status and a sentence."""
    result = run(folder, command)
    assert result.exit_code in EXIT_STATUSES, (command, result.output)
    assert result.exit_code == 0 or result.output.strip(), command
    assert "Traceback" not in result.output, command


def test_without_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the database, every command ends with a sentence.

    The exit status of a roll import means "try again later".
    """
    folder = prepare(tmp_path / "election")
    monkeypatch.setenv("RETROUVE_DATABASE_URL", GONE)

    assert_all_reported(folder)

    result = run(folder, "roll import {roll}")

    assert result.exit_code == 75
    assert "La base de données ne peut pas être utilisée (OperationalError). Rien n'a été changé." in result.output


def test_without_the_key(tmp_path: Path) -> None:
    """Without the keys, every command ends with a sentence and no stack trace."""
    folder = prepare(tmp_path / "election")
    (folder / "master.key").unlink()
    rmtree(folder / "keys")

    assert_all_reported(folder)


def test_on_a_full_disk(tmp_path: Path) -> None:
    """On a full disk, every command ends with a sentence and leaves nothing half done."""
    with small_disk(tmp_path / "disk", "3m") as disk:
        folder = prepare(disk / "election")
        for command in COMMANDS:
            ballast = fill(disk)

            assert_reported(folder, command)

            ballast.unlink()
            assert run(folder, "keys list").exit_code == 0, command
            assert not list(folder.glob("*.new")), command

        ballast = fill(disk)

        assert run(disk / "another", "init").exit_code == 1

        ballast.unlink()
        assert run(disk / "another", "init").exit_code == 0


def test_in_a_read_only_folder(tmp_path: Path) -> None:
    """In a read-only folder, every command ends with a sentence and no stack trace."""
    with small_disk(tmp_path / "disk") as disk:
        folder = prepare(disk / "election")
        remount(disk, "ro")

        assert_all_reported(folder)


def test_only_a_refused_file_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be opened is reported in a sentence. An unexpected network error keeps its stack trace."""
    refused = {
        False: PermissionError(errno.EACCES, "Permission denied"),
        True: ConnectionResetError(errno.ECONNRESET, ""),
    }
    for raised, failure in refused.items():
        monkeypatch.setattr("cli._loaded", Mock(side_effect=failure))
        result = CliRunner().invoke(main, ["courier"])
        assert (result.exit_code, result.exception is failure) == (1, raised)
        assert ("Permission denied" in result.output) is not raised


def test_an_unknown_outcome_is_not_told_as_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a commit gets no answer, a command says that the outcome is unknown."""
    monkeypatch.setattr("cli._loaded", Mock(side_effect=CommitOutcomeUnknown("asked")))

    result = CliRunner().invoke(main, ["courier"])

    assert (result.exit_code, "Rien n'a été changé" in result.output) == (75, False)
    assert "La base de données n'a pas répondu (asked). Nul ne sait si tout est fait" in result.output


def test_services_are_closed_when_their_check_fails(folder: Path) -> None:
    """If a program reloads its settings and the check fails unexpectedly, the new database connections are closed."""
    with (
        patch.object(SqlStore, "check", side_effect=RuntimeError),
        patch.object(Services, "close", autospec=True, side_effect=Services.close) as close,
    ):
        assert reopen_services(folder, ProgramKeyRole.SERVE) is None

    close.assert_called_once()
