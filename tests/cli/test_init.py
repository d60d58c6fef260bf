"""`retrouve init`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.init import init
from core.adapters import keys
from core.adapters.entropy import SystemEntropy
from core.adapters.sql import version
from core.adapters.sql.engine import open_engine
from core.settings import load
from core.settings.sample import sample


@pytest.fixture(autouse=True)
def _french_and_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


def run(folder: Path, *options: str) -> Result:
    """The command on that folder."""
    return CliRunner().invoke(init, ["--dir", str(folder), *options], catch_exceptions=False)


def test_a_new_folder_has_all_an_election_needs(tmp_path: Path) -> None:
    """A key, the commented settings, a database at this version; closed to others."""
    folder = tmp_path / "deep" / "election"

    result = run(folder)

    assert result.exit_code == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "retrouve.sqlite3").stat().st_mode & 0o777 == 0o600
    assert len(keys.read(folder / "master.key")) == 1
    assert (folder / "election.toml").read_text("utf-8") == sample()
    engine = open_engine(load(folder, {}).database_url)
    assert version.at_head(engine)
    engine.dispose()


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    """The key's safe copy first, then the commands, with the folder in them."""
    output = run(tmp_path / "election").output

    assert "master.key en lieu sûr" in output
    assert f"retrouve doctor --dir {tmp_path / 'election'}" in output
    vault = keys.KeyVault(keys.read(tmp_path / "election" / "master.key"), SystemEntropy())
    assert f"bureau de vote : {vault.public_key('journal').hex()}" in output
    assert "chmod" not in output


@pytest.mark.parametrize("name", ["master.key", "election.toml", "retrouve.sqlite3"])
def test_nothing_is_replaced(tmp_path: Path, name: str) -> None:
    """One file that is already there, and nothing is written beside it."""
    (tmp_path / name).write_text("precious", "utf-8")

    result = run(tmp_path)

    assert result.exit_code == 1
    assert name in result.output
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {name: "precious"}


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    """The key is the same after."""
    run(tmp_path / "election")
    before = (tmp_path / "election" / "master.key").read_bytes()

    result = run(tmp_path / "election")

    assert result.exit_code == 1
    assert "master.key, election.toml, retrouve.sqlite3" in result.output
    assert (tmp_path / "election" / "master.key").read_bytes() == before


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("RETROUVE_WEB__PORT", "many", "RETROUVE_WEB__PORT"),
        ("RETROUVE_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3", "écrit"),
    ],
)
def test_what_fails_is_taken_back_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    """So that a second try, once that is mended, succeeds."""
    monkeypatch.setenv(variable, value)

    result = run(tmp_path / "election")

    assert result.exit_code == 1
    assert says in result.output
    assert list(tmp_path.iterdir()) == []
    monkeypatch.delenv(variable)
    assert run(tmp_path / "election").exit_code == 0


def test_an_upgrade_touches_the_database_only(tmp_path: Path) -> None:
    """Here a database was restored without its tables; key and settings stay."""
    run(tmp_path / "election")
    before = (tmp_path / "election" / "master.key").read_bytes()
    (tmp_path / "election" / "retrouve.sqlite3").unlink()

    result = run(tmp_path / "election", "--upgrade")

    assert (result.exit_code, result.output) == (0, "La base est à jour.\n")
    assert (tmp_path / "election" / "retrouve.sqlite3").stat().st_size
    assert (tmp_path / "election" / "master.key").read_bytes() == before


def test_an_upgrade_of_a_folder_without_settings_is_refused(tmp_path: Path) -> None:
    """And makes nothing."""
    result = run(tmp_path, "--upgrade")

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_others_can_enter_is_used_and_told(tmp_path: Path) -> None:
    """It may be anything, even a home folder: its owner closes it."""
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").write_text("mine", "utf-8")

    result = run(tmp_path)

    assert result.exit_code == 0
    assert f"chmod 700 {tmp_path}" in result.output
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Here a file stands where a folder should."""
    (tmp_path / "file").touch()

    result = run(tmp_path / "file" / "election")

    assert result.exit_code == 1
    assert "ne peut pas être écrit" in result.output
