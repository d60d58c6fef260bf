"""Elections of every tagged version go on after `retrouve init --upgrade`, on both engines; their dumps stand beside this."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from core.adapters.sql.protected_row_examination import ProtectedRowExaminer
from core.adapters.sql.row_authentication import RowAuthenticator
from tests.support.commands import run
from tests.support.election import CAMILLE, GOOD, visit
from tests.support.folders import world_in
from tests.support.stores import new_database

DUMPS = Path(__file__).parent / "former_versions"
VERSIONS = ("0.8.0", "0.9.0")
SECOND = "second@ac-lumiere.example"
AGENT_ADDED = (
    "INSERT INTO events (at, actor, act, agent, reason)"
    " SELECT max(at), 'operator', 'agent-added', 'camille', 'agent' FROM events"
)
"""The line of the dumps' agent, who was made without the command."""
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def former_folder(version: str, folder: Path) -> Path:
    """Make the folder of an election of that version, on SQLite."""
    copytree(DUMPS / version, folder)
    (folder / "master.key").chmod(0o600)
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        connection.executescript((folder / "sqlite.sql").read_text("utf-8"))
        if version in VERSIONS:
            connection.execute(AGENT_ADDED)
            connection.commit()
    return folder


def former_database(version: str, url: str) -> None:
    """Fill an empty PostgreSQL database with that version's dump."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.connection.cursor().execute((DUMPS / version / "postgresql.sql").read_text("utf-8"))
        connection.exec_driver_sql(AGENT_ADDED)


def test_every_tagged_version_has_a_dump() -> None:
    """Each version of the changelog has its dump of both engines, and all but the newest, whose commit is not made yet, name theirs."""
    changelog = CHANGELOG.read_text("utf-8")
    tagged = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    named = re.findall(r"^## (\d+\.\d+\.\d+)\n\n.*\b[0-9a-f]{12}\b", changelog, re.MULTILINE)

    assert sorted(tagged) == sorted(VERSIONS)
    assert set(tagged[1:]) <= set(named)
    assert all(
        (DUMPS / version / f"{engine}.sql").is_file() for version in tagged for engine in ("sqlite", "postgresql")
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_election_goes_on_after_the_upgrade(
    version: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older database is refused until it is upgraded, which waits for its programs' end; then password, request and rows are as before."""
    folder = former_folder(version, tmp_path / "election")
    if engine == "postgresql":
        url = new_database()
        monkeypatch.setenv("RETROUVE_DATABASE_URL", url)
        former_database(version, url)
    assert run(folder, "agent", "list").exit_code == 2
    if engine == "sqlite":
        before = dump(folder)
        with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as former_program:
            former_program.execute("PRAGMA journal_mode = WAL")
            former_program.execute("SELECT count(*) FROM events").fetchone()
            assert "tient encore la base ouverte" in run(folder, "init", "--upgrade").output
        assert dump(folder) == before

    upgraded = run(folder, "init", "--upgrade")

    assert upgraded.exit_code == 0, upgraded.output
    assert "camille" in run(folder, "agent", "list").output
    with world_in(folder) as world:
        assert world.sessions.sign_in(CAMILLE, GOOD, visit()).session
        world.courier().run_once()
        assert len(world.post.links(SECOND)) == 1
        with world.kept.engine.connect() as connection:
            rows = RowAuthenticator(world.dependencies.vault, world.services.measures)
            assert list(ProtectedRowExaminer(connection, rows).findings()) == []
    assert run(folder, "journal", "verify").exit_code == 0


def test_tables_of_a_migration_edited_in_place_are_named(tmp_path: Path) -> None:
    """A database from before a migration was edited is not upgraded in silence: the missing column is named."""
    folder = former_folder("before-0.8.0", tmp_path / "election")
    before = dump(folder)

    result = run(folder, "init", "--upgrade")

    assert result.exit_code == 1
    assert "column voters.pseudonym" in result.output
    assert dump(folder) == before


def dump(folder: Path) -> list[str]:
    """Return the whole SQLite database as SQL."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return list(connection.iterdump())
