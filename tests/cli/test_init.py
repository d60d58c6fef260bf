"""`retrouve init` creates the folder of an election."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from cli import main
from core.adapters import key_vault
from core.adapters.master_key_rotation import rotate_keys
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql import schema_version
from core.adapters.sql.engine import open_engine
from core.app.settings import load
from core.app.settings.election_toml_template import sample
from core.security.key_roles import ProgramKeyRole
from core.text.text import Language
from tests.support.commands import run
from tests.support.failing_commit import failing_commit

INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from cli import init, main
init.upgrade_database = lambda *_: signal.raise_signal(signal.SIGINT)
main()
"""
"""Runs `init` and interrupts it while it creates tables. It handles SIGINT itself, because a shell may ignore it."""
FILES = ("master.key", "keys", "election.toml", "retrouve.sqlite3")


def test_a_new_folder_has_key_settings_and_database(tmp_path: Path) -> None:
    """A new folder has a key, commented settings and a database. Other accounts cannot enter it."""
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
    """If one of its files already exists, the command names it and writes nothing."""
    for names in (FILES[2:], FILES[:1], FILES[1:2], FILES):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name in names:
            (folder / name).write_text("precious", "utf-8")

        result = run(folder, "init")

        assert (result.exit_code, ", ".join(names) in result.output) == (1, True)
        assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == dict.fromkeys(names, "precious")


def test_a_failed_run_removes_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed or interrupted run removes everything that it has created, so that a second run can succeed."""
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


def test_the_settings_have_comments_in_the_language_of_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comments of the new settings are in the language of the terminal."""
    monkeypatch.setenv("RETROUVE_LANGUAGE", "en")

    assert run(tmp_path / "election", "init").exit_code == 0

    assert (tmp_path / "election/election.toml").read_text("utf-8") == sample(Language.ENGLISH)
    assert load(tmp_path / "election").election.site == "https://vote.exemple.fr"


def raising(failure: BaseException) -> Callable[[object], None]:
    def fail(_connection: object) -> None:
        raise failure

    return fail


LOST = OperationalError("", None, sqlite3.OperationalError("disk I/O error"))


def test_a_run_whose_commit_fails_says_that_nothing_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the commit fails, the new SQLite file is removed, and the command says that nothing was done."""
    monkeypatch.chdir(tmp_path)
    with failing_commit(raising(LOST)):
        stopped = run(Path("election"), "init")

    assert (stopped.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "Rien n'a été fait : la base ne peut pas être préparée" in stopped.output
    assert "Nul ne sait" not in stopped.output


@pytest.mark.parametrize("failure", [LOST, KeyboardInterrupt()])
def test_a_run_whose_commit_fails_in_a_database_elsewhere_keeps_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    """If the commit fails in a database outside the folder, the keys are kept. The database may already know them."""
    folder = tmp_path / "election"
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    with failing_commit(raising(failure)):
        stopped = run(folder, "init")

    assert (stopped.exit_code, "Rien n'a été" in stopped.output) == (1, False)
    if failure is LOST:
        assert f"retrouve init --upgrade --dir {folder}" in stopped.output
        assert "master.key en lieu sûr" in stopped.output
        assert "Clé publique du journal" in stopped.output
    assert (folder / "master.key").exists()
    assert run(folder, "init", "--upgrade").exit_code == 0


def test_an_upgrade_whose_commit_has_no_answer_does_not_say_that_nothing_was_done(folder: Path) -> None:
    """If the commit of an upgrade gets no answer, the command says that the outcome is unknown."""
    with failing_commit(raising(LOST)):
        stopped = CliRunner().invoke(main, ["init", "--upgrade", "--dir", str(folder)])

    assert (stopped.exit_code, "Nul ne sait si tout est fait" in stopped.output) == (os.EX_TEMPFAIL, True)
    assert "Rien n'a été" not in stopped.output
    assert run(folder, "init", "--upgrade").exit_code == 0


@pytest.mark.parametrize("revision", ["0003", "0009", "0016"])
def test_the_folder_of_a_version_before_1_0_is_refused(folder: Path, revision: str) -> None:
    """Every command refuses an election of a version before 1.0, says what to do, and changes nothing."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as database, database:
        database.execute("UPDATE properties SET name = 'accepted-since', value = '0016' WHERE name = 'oldest-program'")
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    before = contents(folder)
    files = {file: file.read_bytes() for file in (folder / "keys").iterdir()}

    for command in ("init --upgrade", "agent list", f"move sqlite:///{folder / 'other.sqlite3'}"):
        refused = run(folder, *command.split())

        assert (refused.exit_code != 0, "d'avant la 1.0" in refused.output) == (True, True), command
        assert "importez de nouveau la liste électorale" in refused.output, command
    assert contents(folder) == before
    assert {file: file.read_bytes() for file in (folder / "keys").iterdir()} == files


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as database:
        return list(database.iterdump())


def test_a_run_on_the_database_of_another_election_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the database belongs to another election, the command says so and removes the new folder."""
    monkeypatch.setenv("RETROUVE_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    assert run(tmp_path / "first", "init").exit_code == 0

    refused = run(tmp_path / "second", "init")

    assert (refused.exit_code, (tmp_path / "second").exists()) == (1, False)
    assert "Rien n'a été fait : la base est refusée." in refused.output


def test_an_upgrade_of_a_database_that_another_program_writes_to_is_refused(folder: Path) -> None:
    """An upgrade is refused while another program writes to the database, and succeeds later."""
    with (
        closing(sqlite3.connect(folder / "retrouve.sqlite3")) as writer,
        patch("core.adapters.sql.engine.BUSY_SECONDS", 0),
    ):
        writer.execute("BEGIN IMMEDIATE")
        refused = run(folder, "init", "--upgrade")

    assert (refused.exit_code, "database is locked" in refused.stderr) == (1, True)
    assert run(folder, "init", "--upgrade").exit_code == 0


def test_an_upgrade_touches_the_database_and_the_key_files_of_roles(folder: Path) -> None:
    """An upgrade creates missing tables and role key files, and does not change the master key."""
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


def test_an_upgrade_with_an_outdated_master_key_keeps_the_files_of_roles(folder: Path) -> None:
    """If master.key lacks a key that the role files have, the role files are not replaced and no key is added."""
    outdated = (folder / "master.key").read_bytes()
    run(folder, "keys", "rotate")
    newest = (folder / "master.key").read_bytes()
    files = {file: file.read_bytes() for file in (folder / "keys").iterdir()}
    (folder / "keys" / "serve.key").write_text("{}", "utf-8")  # a damaged file does not hide the newer key
    files[folder / "keys" / "serve.key"] = b"{}"
    (folder / "master.key").write_bytes(outdated)

    refused = run(folder, "init", "--upgrade")
    with pytest.raises(key_vault.KeyFileRefused):
        rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=datetime.now(UTC))

    assert (refused.exit_code, "est une ancienne copie, sans la clé 2" in refused.output) == (1, True)
    assert {file: file.read_bytes() for file in (folder / "keys").iterdir()} == files
    (folder / "master.key").write_bytes(newest)
    assert run(folder, "init", "--upgrade").exit_code == 0


def test_an_upgrade_without_the_master_key_needs_whole_files(folder: Path) -> None:
    """Without the master key, an upgrade is possible only if all role key files are valid."""
    (folder / "master.key").unlink()
    (folder / "retrouve.sqlite3").unlink()

    assert "gardée ailleurs" in run(folder, "init", "--upgrade").output
    (folder / "retrouve.sqlite3").unlink()
    (folder / "keys" / "desk.key").write_text("{}", "utf-8")
    refused = run(folder, "init", "--upgrade")

    assert (refused.exit_code, "desk.key" in refused.output) == (1, True)
    assert not (folder / "retrouve.sqlite3").exists()


def test_an_upgrade_by_a_program_that_is_too_old_says_so(folder: Path) -> None:
    """An upgrade of a database of a later version is refused and changes nothing."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as used:
        used.execute("UPDATE properties SET value = '9999' WHERE name = 'oldest-program'")
        used.execute("UPDATE alembic_version SET version_num = '9999'")
        used.commit()
        used.execute("SELECT version_num FROM alembic_version").fetchall()

        result = run(folder, "init", "--upgrade")

        assert (result.exit_code, "trop récente pour ce programme (9999" in result.stderr) == (1, True)
        assert used.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_an_upgrade_without_the_key_or_the_settings_is_refused(folder: Path, tmp_path: Path) -> None:
    """An upgrade without keys, or without settings, is refused."""
    empty = tmp_path / "empty"
    (folder / "master.key").unlink()
    rmtree(folder / "keys")
    empty.mkdir()

    without_key, without_settings = run(folder, "init", "--upgrade"), run(empty, "init", "--upgrade")

    assert (without_key.exit_code, without_settings.exit_code) == (1, 1)
    assert "les clés sont refusées" in without_key.stderr
    assert list(empty.iterdir()) == []


def test_a_folder_others_can_enter_is_used_and_reported(tmp_path: Path) -> None:
    """A folder that others can enter is used, and the command says how to close it."""
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").write_text("mine", "utf-8")

    result = run(tmp_path, "init")

    assert result.exit_code == 0
    assert f"chmod 700 {tmp_path}" in result.output
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """A folder that cannot be created is reported in a sentence."""
    (tmp_path / "file").touch()

    result = run(tmp_path / "file" / "election", "init")

    assert result.exit_code == 1
    assert "ne peut pas être écrit" in result.output
    for command in ("init", "doctor", "keys list", "journal export x", "desk"):
        refused = CliRunner().invoke(main, [*command.split(), "--dir", "x" * 300], catch_exceptions=False)
        assert refused.exit_code in (1, 2), command
        assert refused.output.strip(), command
