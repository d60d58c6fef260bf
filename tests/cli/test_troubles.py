"""CASE 48 at the terminal: whatever a command misses, it says so in a sentence, and no traceback is shown."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from cli.fiction import fictional_people, write_roll
from tests.support.disks import fill, remount, small_disk
from tests.support.folders import copied_folder

GONE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
ENDS = {0, 1, 2, 75}
"""Done; not done; refused settings or key; try again later (sysexits(3), which a mail server understands)."""
COMMANDS = (
    "roll import {roll}",
    "bounces --recipient nobody@vote.example",
    "doctor",
    "keys rotate",
    "keys retire",
    "keys list",
    "backup {folder}.backup",
    "restore {backup}",
    "move sqlite:///other.sqlite3",
    "init",
    "init --upgrade",
)


@pytest.fixture(autouse=True)
def _french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


def run(folder: Path, command: str) -> Result:
    """That command on an election's folder, with the files that it is given."""
    beside = folder.parent
    words = command.format(roll=beside / "roll.csv", folder=folder, backup=beside / "kept.backup").split()
    return CliRunner().invoke(main, [*words, "--dir", str(folder)], input="", catch_exceptions=False)


def prepared(folder: Path) -> Path:
    """An election, and what the commands are given, beside it."""
    copied_folder(folder)
    write_roll(list(fictional_people(5, seed=1)), folder.parent / "roll.csv")
    assert run(folder, "backup {backup}").exit_code == 0
    return folder


def says_so(result: Result) -> None:
    """It ended as a command ends, with a sentence."""
    assert result.exit_code in ENDS, result.output
    assert result.exit_code == 0 or result.output.strip()
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_without_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """The server of the database is gone."""
    folder = prepared(tmp_path / "election")
    monkeypatch.setenv("RETROUVE_DATABASE_URL", GONE)

    says_so(run(folder, command))


@pytest.mark.parametrize("command", COMMANDS)
def test_without_the_key(tmp_path: Path, command: str) -> None:
    """The key file is gone."""
    folder = prepared(tmp_path / "election")
    (folder / "master.key").unlink()

    says_so(run(folder, command))


@pytest.mark.parametrize("command", COMMANDS)
def test_on_a_full_disk(tmp_path: Path, command: str) -> None:
    """Nothing more can be written, and nothing half done stays: with room again the same command works, or says why not."""
    with small_disk(tmp_path / "disk", "3m") as disk:
        folder = prepared(disk / "election")
        ballast = fill(disk)

        says_so(run(folder, command))

        ballast.unlink()
        assert run(folder, "keys list").exit_code == 0
        assert not list(folder.glob("*.new"))


@pytest.mark.parametrize("command", COMMANDS)
def test_in_a_read_only_folder(tmp_path: Path, command: str) -> None:
    """Nothing may be written."""
    with small_disk(tmp_path / "disk") as disk:
        folder = prepared(disk / "election")
        remount(disk, "ro")

        says_so(run(folder, command))


def test_a_roll_waits_for_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the sentence says, and that a script may try again later."""
    folder = prepared(tmp_path / "election")
    monkeypatch.setenv("RETROUVE_DATABASE_URL", GONE)

    result = run(folder, "roll import {roll}")

    assert result.exit_code == 75
    assert "La base de données ne peut pas être utilisée (OperationalError). Rien n'a été changé." in result.output


def test_half_an_election_does_not_stay(tmp_path: Path) -> None:
    """`init` on a full disk leaves nothing that a second one would take for an election."""
    with small_disk(tmp_path / "disk", "1m") as disk:
        ballast = fill(disk)

        assert run(disk / "election", "init").exit_code == 1

        ballast.unlink()
        assert run(disk / "election", "init").exit_code == 0
