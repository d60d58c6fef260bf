"""Programs refuse the database of another election before they count or send anything."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copy, copytree, rmtree

import pytest
from click.testing import CliRunner, Result

from cli import main
from cli.checks import DoctorCheckSeverity
from cli.checks.database import check_database_keys
from core.adapters.key_vault import KeyVault, read_key_file
from core.adapters.master_key_rotation import retire_keys, rotate_keys, write_role_files
from core.adapters.random_source import SystemRandomSource
from core.adapters.role_key_files import open_vault
from core.adapters.sql.database_check import DatabaseRefused, election_key_fingerprint
from core.adapters.sql.store import SqlStore
from core.app.election_folder import open_services
from core.app.settings import load
from core.security.key_roles import ProgramKeyRole
from core.text.faces.readiness_sentences import NotReadyCause
from tests.support.election import NOON, entry
from tests.support.folders import copied_folder, made_folder, world_in
from tests.support.stores import reading

REFUSED = "n'est pas celle de cette base"
COMMANDS = (
    "serve",
    "courier",
    "desk",
    "agent list",
    "bounces",
    "roll import {roll} --apply",
    "journal verify",
    "journal export {roll}.d",
    "platform reconcile",
    "purge --apply",
    "keys rotate",
    "keys retire",
)


@pytest.fixture(scope="module")
def two_elections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of two elections, each with a voter."""
    folders = []
    for name in ("own", "other"):
        folder = (copied_folder if name == "own" else made_folder)(tmp_path_factory.mktemp(name) / "election")
        with world_in(folder) as world:
            world.add(entry())
            world.with_password()
        folders.append(folder)
    return folders[0], folders[1]


@pytest.fixture
def folder(two_elections: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of one election's folder."""
    return Path(copytree(two_elections[0], tmp_path / "election"))


@pytest.fixture
def foreign(folder: Path, two_elections: tuple[Path, Path]) -> Path:
    """The same folder, but with all keys of the other election."""
    rmtree(folder / "keys")
    copytree(two_elections[1] / "keys", folder / "keys")
    copy(two_elections[1] / "master.key", folder / "master.key")
    return folder


def run(folder: Path, command: str) -> Result:
    (folder / "roll.csv").write_text("courriel\n", "utf-8")
    arguments = command.format(roll=folder / "roll.csv").split()
    return CliRunner().invoke(main, [*arguments, "--dir", str(folder)], catch_exceptions=False)


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return list(connection.iterdump())


def forget_the_fingerprint(folder: Path) -> None:
    """Remove the fingerprint of the keys from the database."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM properties")


def test_every_program_refuses_the_keys_of_another_election(foreign: Path) -> None:
    """Every command refuses the keys of another election, says what to do, and changes nothing."""
    before, keys = contents(foreign), (foreign / "master.key").read_bytes()

    for command in COMMANDS:
        result = run(foreign, command)

        assert result.exit_code == (75 if command == "bounces" else 2), command
        assert (REFUSED in result.output, "N'importez pas" in result.output) == (True, True), command
        assert (contents(foreign), (foreign / "master.key").read_bytes()) == (before, keys), command
    backed_up = run(foreign, f"backup {foreign}.tar --with-key")
    assert (backed_up.exit_code, REFUSED in backed_up.output) == (1, True)


def test_one_role_file_of_another_election_is_refused(folder: Path, two_elections: tuple[Path, Path]) -> None:
    """A role key file of another election is refused, even if the master key is right."""
    for command, role in (("courier", ProgramKeyRole.COURIER), ("agent list", ProgramKeyRole.OPERATOR)):
        copy(two_elections[1] / "keys" / f"{role}.key", folder / "keys" / f"{role}.key")

        result = run(folder, command)

        assert (result.exit_code, REFUSED in result.output) == (2, True)


def test_keys_that_a_command_gives_serve_everywhere(
    folder: Path, two_elections: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `key_command` alone, an election can be upgraded, backed up and restored. Wrong keys from it are refused."""
    vault, copied, without_secret = (folder.parent / name for name in ("vault", "copied", "without-secret"))
    copied.mkdir()
    without_secret.mkdir()
    (folder / "keys").rename(vault)
    (folder / "master.key").unlink()
    monkeypatch.setenv("RETROUVE_KEY_COMMAND", f'["cat", "{vault}/{{role}}.key"]')

    assert [check.verdict for check in check_database_keys(load(folder), folder)] == [DoctorCheckSeverity.OK]
    assert run(folder, "init --upgrade").exit_code == 0
    assert run(folder, f"backup {folder}.tar").exit_code == 0
    assert "est inscrite au journal" in run(copied, f"restore {folder}.tar").output
    written = (folder / "election.toml").read_text("utf-8")
    (folder / "election.toml").write_text(written.replace("[sms]", '[sms]\ninbound_secret_file = "a.txt"', 1), "utf-8")
    (folder / "a.txt").write_text("secret", "utf-8")
    assert run(folder, f"backup {folder}-2.tar").exit_code == 0
    said = run(without_secret, f"restore {folder}-2.tar").output
    assert ("inbound_secret_file = a.txt" in said, "Il manque la clé" in said) == (True, False)

    copy(two_elections[1] / "keys/operator.key", vault / "operator.key")
    assert [check.verdict for check in check_database_keys(load(folder), folder)] == [DoctorCheckSeverity.FAULT]
    for command, told in (
        ("echo", "n'est pas le fichier de clés entier du programme operator"),
        ("false", "(code 1)"),
        ("/nowhere/at/all", "(No such file or directory)"),
    ):
        monkeypatch.setenv("RETROUVE_KEY_COMMAND", f'["{command}"]')
        assert told in run(folder, "agent list").output


@pytest.mark.parametrize("told", [True, False], ids=["fingerprint", "no fingerprint"])
def test_an_upgrade_does_not_adopt_a_database(folder: Path, two_elections: tuple[Path, Path], *, told: bool) -> None:
    """An upgrade with the master key of another election is refused and changes nothing."""
    copy(two_elections[1] / "master.key", folder / "master.key")
    if not told:
        forget_the_fingerprint(folder)
    before, files = contents(folder), [file.read_bytes() for file in sorted((folder / "keys").iterdir())]

    result = run(folder, "init --upgrade")

    assert (result.exit_code, REFUSED in result.output) == (1, True)
    assert contents(folder) == before
    assert [file.read_bytes() for file in sorted((folder / "keys").iterdir())] == files


def test_a_database_without_a_fingerprint_gets_it_by_an_upgrade(folder: Path) -> None:
    """A database without a fingerprint of its keys is refused until an upgrade has added it."""
    forget_the_fingerprint(folder)
    before = run(folder, "agent list")

    assert run(folder, "init --upgrade").exit_code == 0

    assert (before.exit_code, "init --upgrade" in before.output) == (2, True)
    assert run(folder, "agent list").exit_code == 0


def test_every_role_has_the_same_fingerprint_after_rotations(folder: Path) -> None:
    """The fingerprint of the keys is the same for every role, and does not change when keys are rotated or retired."""

    def fingerprints() -> set[str]:
        return {election_key_fingerprint(open_vault(folder, role)) for role in (*ProgramKeyRole, None)}

    (before,) = fingerprints()
    (first,) = read_key_file(folder / "master.key")
    assert before == election_key_fingerprint(KeyVault([first], SystemRandomSource()))
    added = rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=NOON)
    retire_keys(folder / "master.key", now=NOON.replace(hour=20), check=lambda _: None)
    write_role_files(folder)

    assert (added.id, fingerprints()) == (2, {before})
    assert run(folder, "agent list").exit_code == 0


def test_a_restoration_says_that_the_key_is_foreign(
    folder: Path, two_elections: tuple[Path, Path], tmp_path: Path
) -> None:
    """A restoration into a folder with the key of another election says so, and writes no role key files."""
    run(folder, f"backup {tmp_path}/b")
    place = tmp_path / "place"
    place.mkdir()
    copy(two_elections[1] / "master.key", place / "master.key")

    result = CliRunner().invoke(main, ["restore", f"{tmp_path}/b", "--dir", str(place)], catch_exceptions=False)

    assert (result.exit_code, REFUSED in result.output) == (0, True)
    assert not (place / "keys").exists()


def test_a_foreign_database_that_comes_later_is_refused_before_anything_is_counted(
    folder: Path, two_elections: tuple[Path, Path]
) -> None:
    """A program that started without its database checks the database before the first transaction."""
    (folder / "retrouve.sqlite3").unlink()
    services = open_services(folder, ProgramKeyRole.COURIER)
    opens: list[Callable[[], object]] = [
        lambda: services.dependencies.store.read().__enter__(),
        lambda: services.dependencies.store.write().__enter__(),
    ]
    for open_transaction in opens:
        with pytest.raises(DatabaseRefused) as refused:
            open_transaction()
        assert refused.value.cause is NotReadyCause.UNREACHABLE
    assert not (folder / "retrouve.sqlite3").exists()
    copy(two_elections[1] / "retrouve.sqlite3", folder / "retrouve.sqlite3")
    before = contents(folder)

    for open_transaction in opens:
        with pytest.raises(DatabaseRefused) as refused:
            open_transaction()
        assert refused.value.cause is NotReadyCause.WRONG_KEY

    services.close()
    assert contents(folder) == before


def test_a_database_that_comes_back_is_checked_again(folder: Path, two_elections: tuple[Path, Path]) -> None:
    """After an outage, the database is checked again before the next transaction."""
    services = open_services(folder, ProgramKeyRole.SERVE)
    assert reading(services.dependencies.store).agents.by_name("camille") is None
    services.close()
    for file in folder.glob("retrouve.sqlite3*"):
        file.unlink()
    copy(two_elections[1] / "retrouve.sqlite3", folder / "retrouve.sqlite3")
    assert isinstance(services.dependencies.store, SqlStore)
    services.dependencies.store.outages.is_database_away = True  # a lost connection to PostgreSQL sets this

    with pytest.raises(DatabaseRefused), services.dependencies.store.write():
        pytest.fail("a transaction on another election's database")
    services.close()
