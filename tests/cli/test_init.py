"""`retrouve init` makes the folder of an election."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from cli import main
from cli.checks import DoctorCheckSeverity
from cli.checks.database import check_row_tags
from core.adapters import key_vault
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql import schema_version
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.app.settings import load
from core.app.settings.election_toml_template import sample
from core.delivery.journal_sealer import JournalSealer
from core.ports import CommitOutcomeUnknown, EventType, StoreUnavailable
from core.security.roles_holding_keys import ProgramKeyRole
from tests.support.commands import run
from tests.support.election import CAMILLE, GOOD, visit
from tests.support.folders import world_in
from tests.support.former_database import FORMER, take_columns_away, take_tags_away

INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from cli import init, main
init.upgrade_database = lambda *_: signal.raise_signal(signal.SIGINT)
main()
"""
"""The command, which gets SIGINT while it makes its tables; whoever starts it in the background ignores that signal."""
FILES = ("master.key", "keys", "election.toml", "retrouve.sqlite3")


def test_a_new_folder_has_key_settings_and_database(tmp_path: Path) -> None:
    """A new folder has a key, the commented settings and a database of this version, closed to others; the next steps are told."""
    folder, umask = tmp_path / "deep" / "election", os.umask(0)
    try:
        result = run(folder, "init")
    finally:
        os.umask(umask)

    assert result.exit_code == 0
    assert (folder / "election.toml").stat().st_mode & 0o777 == 0o644
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "retrouve.sqlite3").stat().st_mode & 0o777 == 0o600
    (key,) = key_vault.read_key_file(folder / "master.key")
    assert (folder / "election.toml").read_text("utf-8") == sample()
    engine = open_engine(load(folder).database_url)
    assert schema_version.is_at_head(engine)
    engine.dispose()
    assert "master.key en lieu sûr" in result.output
    assert f"retrouve doctor --dir {folder}" in result.output
    public = key_vault.KeyVault([key], SystemRandomSource()).public_key("journal").hex()
    assert f"bureau de vote : {public}" in result.output
    assert "chmod" not in result.output


def test_existing_files_are_not_replaced(tmp_path: Path) -> None:
    """The command names existing files, replaces nothing and writes nothing."""
    for names in (FILES[2:], FILES[:1], FILES[1:2], FILES):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name in names:
            (folder / name).write_text("precious", "utf-8")

        result = run(folder, "init")

        assert (result.exit_code, ", ".join(names) in result.output) == (1, True)
        assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == dict.fromkeys(names, "precious")


def test_a_failed_run_removes_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed or interrupted run removes what it made, so that a second run succeeds once the cause is fixed."""
    for variable, value, says in (
        ("RETROUVE_WEB__PORT", "many", "RETROUVE_WEB__PORT"),
        ("RETROUVE_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3", "écrit"),
    ):
        with monkeypatch.context() as wrong:
            wrong.setenv(variable, value)
            result = run(tmp_path / "election", "init")
        assert (result.exit_code, says in result.output, list(tmp_path.iterdir())) == (1, True, [])
    command = [sys.executable, "-c", INTERRUPTED, "init", "--dir", str(tmp_path / "election")]
    french = {**os.environ, "RETROUVE_LANGUAGE": "fr"}
    interrupted = subprocess.run(command, env=french, capture_output=True, text=True, check=False)
    assert (interrupted.returncode, interrupted.stderr.strip()) == (1, "Abandonné.")
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path / "election", "init").exit_code == 0


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), CommitOutcomeUnknown("away")])
def test_a_run_that_stops_after_its_tables_says_that_nothing_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """The database file is removed with the rest, whatever was committed in it."""
    monkeypatch.chdir(tmp_path)
    with patch("cli.database_upgrade.record_account_digests", side_effect=failure):
        stopped = run(Path("election"), "init")

    assert (stopped.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "Rien n'a été fait : la base ne peut pas être préparée (away)." in stopped.output
    assert "Nul ne sait" not in stopped.output


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), OperationalError("", None, sqlite3.OperationalError())])
def test_a_run_that_stops_after_the_tables_of_a_database_elsewhere_keeps_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """The database knows these keys already, so they stay, and the upgrade that the output names goes on."""
    folder = tmp_path / "election"
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    with patch("cli.database_upgrade.record_account_digests", side_effect=failure):
        stopped = run(folder, "init")

    assert (stopped.exit_code, "Rien n'a été" in stopped.output) == (1, False)
    assert f"retrouve init --upgrade --dir {folder}" in stopped.output
    assert "master.key en lieu sûr" in stopped.output
    assert "Clé publique du journal" in stopped.output
    assert run(folder, "init", "--upgrade").exit_code == 0


def test_a_run_on_the_database_of_another_election_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run on a database that is refused says so, and removes its folder: nothing knows its keys."""
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    assert run(tmp_path / "first", "init").exit_code == 0

    refused = run(tmp_path / "second", "init")

    assert (refused.exit_code, (tmp_path / "second").exists()) == (1, False)
    assert "Rien n'a été fait : la base est refusée." in refused.output


def test_a_run_that_is_stopped_while_its_tables_are_committed_elsewhere_keeps_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run keeps its keys whatever ends it, once the database may know them."""
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    with patch("cli.database_upgrade.record_account_digests", side_effect=KeyboardInterrupt):
        run(tmp_path / "election", "init")

    assert (tmp_path / "election" / "master.key").exists()
    assert run(tmp_path / "election", "init", "--upgrade").exit_code == 0


def test_an_upgrade_whose_commit_has_no_answer_does_not_say_that_nothing_was_done(former: Path) -> None:
    """The tables may be of this version; the next upgrade goes on."""
    lost = OperationalError("", None, sqlite3.OperationalError("disk I/O error"))
    with patch("sqlalchemy.engine.base.RootTransaction._connection_commit_impl", side_effect=lost):
        stopped = CliRunner().invoke(main, ["init", "--upgrade", "--dir", str(former)])

    assert (stopped.exit_code, "Nul ne sait si tout est fait" in stopped.output) == (os.EX_TEMPFAIL, True)
    assert "Rien n'a été" not in stopped.output
    assert run(former, "init", "--upgrade").exit_code == 0


def test_an_upgrade_of_a_database_that_another_program_writes_to_is_refused(folder: Path) -> None:
    """The output says what the database answered; the next upgrade succeeds."""
    with (
        closing(sqlite3.connect(folder / "retrouve.sqlite3")) as writer,
        patch("core.adapters.sql.engine.BUSY_SECONDS", 0),
    ):
        writer.execute("BEGIN IMMEDIATE")
        refused = run(folder, "init", "--upgrade")

    assert (refused.exit_code, "database is locked" in refused.stderr) == (1, True)
    assert run(folder, "init", "--upgrade").exit_code == 0


def test_an_upgrade_touches_the_database_and_the_key_files_of_roles(folder: Path) -> None:
    """`--upgrade` makes missing tables and the key file of each role, and leaves key and settings unchanged."""
    before = (folder / "master.key").read_bytes()
    files = {file: file.read_bytes() for file in (folder / "keys").iterdir()}
    (folder / "retrouve.sqlite3").unlink()
    rmtree(folder / "keys")

    result = run(folder, "init", "--upgrade")

    assert (result.exit_code, result.output.splitlines()[0]) == (0, "La base est à jour.")
    assert (folder / "retrouve.sqlite3").stat().st_size
    assert (folder / "master.key").read_bytes() == before
    assert {file.name for file in files} == {f"{role}.key" for role in ProgramKeyRole}
    assert {file: file.read_bytes() for file in (folder / "keys").iterdir()} == files


def test_an_upgrade_without_the_master_key_needs_whole_files(folder: Path) -> None:
    """Without the master key `--upgrade` needs the roles' files only, and refuses when one of them is damaged."""
    (folder / "master.key").unlink()
    (folder / "retrouve.sqlite3").unlink()

    assert "gardée ailleurs" in run(folder, "init", "--upgrade").output
    (folder / "retrouve.sqlite3").unlink()
    (folder / "keys" / "desk.key").write_text("{}", "utf-8")
    refused = run(folder, "init", "--upgrade")

    assert (refused.exit_code, "desk.key" in refused.output) == (1, True)
    assert not (folder / "retrouve.sqlite3").exists()


@pytest.fixture(name="former")
def folder_of_the_former_version(folder: Path) -> Path:
    """The folder of an election whose voter has a password, made before rows had tags, with a sealed journal."""
    with world_in(folder) as world:
        world.add()
        world.with_password()
        engine = world.kept.engine
        take_tags_away(engine, RowAuthenticator(world.dependencies.vault))
        JournalSealer(dependencies=world.dependencies, board=None).seal()
        take_columns_away(engine)
    return folder


def test_an_upgrade_gives_tags_to_the_rows_of_a_former_version(former: Path) -> None:
    """The voter signs in as before, a second upgrade changes nothing, and every row is authentic."""
    first, second = run(former, "init", "--upgrade"), run(former, "init", "--upgrade")

    assert (first.exit_code, first.stdout) == (second.exit_code, second.stdout)
    assert (first.exit_code, first.stdout.splitlines()[0]) == (0, "La base est à jour.")
    assert len(first.stdout.splitlines()) == 2, "no row is refused"
    with world_in(former) as world:
        assert world.sessions.sign_in(CAMILLE, GOOD, visit()).session
        acts = [line for line in world.kept.lines() if line[0] == EventType.ROWS_AUTHENTICATED]
    assert [reason for _, reason in acts] == ["begun", "done"]
    (rows,) = check_row_tags(former)
    assert rows.verdict is DoctorCheckSeverity.OK


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), OperationalError("", None, sqlite3.OperationalError())])
def test_an_upgrade_that_stops_after_the_tables_does_not_say_that_nothing_was_done(
    former: Path, failure: Exception
) -> None:
    """The tables are of this version already; the next upgrade goes on."""
    with patch("cli.database_upgrade.record_account_digests", side_effect=failure):
        stopped = CliRunner().invoke(main, ["init", "--upgrade", "--dir", str(former)])

    assert (stopped.exit_code, "Nul ne sait si tout est fait" in stopped.output) == (os.EX_TEMPFAIL, True)
    assert "Rien n'a été" not in stopped.output
    assert run(former, "init", "--upgrade").exit_code == 0


def test_an_upgrade_gives_no_tag_where_the_journal_is_not_sound(former: Path) -> None:
    """A changed line of the journal leaves the database as it was, and the output says what to do."""
    with closing(sqlite3.connect(former / "retrouve.sqlite3")) as connection, connection:
        connection.execute("UPDATE events SET reason = 'x' WHERE id = 1")

    result = run(former, "init", "--upgrade")

    assert result.exit_code == 1
    assert "le journal n'est pas intact" in result.stderr
    with closing(sqlite3.connect(former / "retrouve.sqlite3")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(FORMER,)]


def test_an_upgrade_names_rows_that_disagree_with_the_journal(former: Path) -> None:
    """A password of another moment than the journal tells stays refused, and the output says so."""
    with closing(sqlite3.connect(former / "retrouve.sqlite3")) as connection, connection:
        connection.execute("UPDATE voters SET password_set = password_set + 1")

    result = run(former, "init", "--upgrade")

    assert result.exit_code == 0
    assert "la ligne de 1 électeur ne s'accorde pas avec le journal et reste refusée" in result.stdout
    (rows,) = check_row_tags(former)
    assert rows.verdict is DoctorCheckSeverity.FAULT


def test_an_upgrade_by_a_program_that_is_too_old_says_so(folder: Path) -> None:
    """Tables of a later version stay as they are, also while a program of that version uses them."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as used:
        used.execute("UPDATE alembic_version SET version_num = '9999'")
        used.commit()
        used.execute("SELECT version_num FROM alembic_version").fetchall()

        result = run(folder, "init", "--upgrade")

        assert (result.exit_code, "trop récente pour ce programme (9999" in result.stderr) == (1, True)
        assert used.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_an_upgrade_without_the_key_or_the_settings_is_refused(folder: Path, tmp_path: Path) -> None:
    """Without its key an election's database is not upgraded; in a folder without settings nothing is made."""
    empty = tmp_path / "empty"
    (folder / "master.key").unlink()
    rmtree(folder / "keys")
    empty.mkdir()

    without_key, without_settings = run(folder, "init", "--upgrade"), run(empty, "init", "--upgrade")

    assert (without_key.exit_code, without_settings.exit_code) == (1, 1)
    assert "les clés sont refusées" in without_key.stderr
    assert list(empty.iterdir()) == []


def test_a_folder_others_can_enter_is_used_and_reported(tmp_path: Path) -> None:
    """A folder that others can enter is used, and its owner is told to close it."""
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").write_text("mine", "utf-8")

    result = run(tmp_path, "init")

    assert result.exit_code == 0
    assert f"chmod 700 {tmp_path}" in result.output
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """A file in the place of the folder is reported."""
    (tmp_path / "file").touch()

    result = run(tmp_path / "file" / "election", "init")

    assert result.exit_code == 1
    assert "ne peut pas être écrit" in result.output
    for command in ("init", "doctor", "keys list", "journal export x", "desk"):
        refused = CliRunner().invoke(main, [*command.split(), "--dir", "x" * 300], catch_exceptions=False)
        assert refused.exit_code in (1, 2), command
        assert refused.output.strip(), command
