"""Tests that compare a database's tables with the result of the released migrations, on both engines."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from core.adapters.sql import schema_comparison, schema_upgrade
from core.adapters.sql.database_tables_and_keys_check import (
    ACCEPTED_SINCE,
    DatabasePropertyName,
    DatabaseRefused,
    read_properties,
    require_compatible_tables,
)
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.schema_comparison import (
    differing_schema_objects,
    expected_schema_lines,
    read_schema_lines,
    schema_lines_digest,
)
from core.adapters.sql.schema_upgrade import SCRIPTS, upgrade_schema_in_transaction
from core.adapters.sql.schema_version import HEAD, is_at_head
from core.text.text import Language
from core.text.translation import translate
from tests.support.stores import KeptStore

NEXT = f"{int(HEAD) + 1:04}"


@pytest.fixture(name="engine")
def fresh_database(kept: KeptStore) -> Engine:
    """A database of this version on each engine; what a test changes is rolled back."""
    return kept.engine


def test_the_lines_are_those_of_the_migrations(engine: Engine, request: pytest.FixtureRequest) -> None:
    """The lines kept beside the code are those that the migrations make; `--redraw` writes them."""
    with engine.connect() as connection:
        found = read_schema_lines(connection)
    if request.config.getoption("redraw"):
        file = Path(schema_comparison.__file__).parent / schema_comparison.FOLDER / f"{engine.dialect.name}.txt"
        file.write_text("\n".join(sorted(found)) + "\n", "utf-8")

    assert sorted(found) == sorted(expected_schema_lines(engine.dialect.name))
    assert schema_lines_digest(found) == schema_lines_digest(expected_schema_lines(engine.dialect.name))


def test_what_is_missing_or_different_is_named(engine: Engine) -> None:
    """A missing column, index or table, and an index that is not unique any more, are named; the database is refused."""
    for change, named in (
        ("ALTER TABLE links DROP COLUMN opened", ["column links.opened"]),
        ("DROP INDEX ix_outbox_due", ["index outbox.ix_outbox_due"]),
        ("ALTER TABLE links RENAME COLUMN kind TO sort", ["column links.kind"]),
        (
            "DROP INDEX ix_voters_email; CREATE INDEX ix_voters_email ON voters (email)",
            ["index voters.ix_voters_email"],
        ),
        ("DROP TABLE gaps", ["column gaps.first", "column gaps.last"]),
    ):
        with rolled_back(engine, change) as connection:
            found = differing_schema_objects(expected_schema_lines(engine.dialect.name), read_schema_lines(connection))
            with pytest.raises(DatabaseRefused) as refused:
                require_compatible_tables(connection)

        assert [subject for subject in found if not subject.endswith("_pkey")] == named
        assert named[0] in translate(refused.value.reason, Language.FRENCH)


def test_a_program_accepts_tables_of_the_next_version(engine: Engine) -> None:
    """Tables with more columns are used where the database says that programs of this version may, and else refused."""
    newer = (
        f"UPDATE alembic_version SET version_num = '{NEXT}'",  # noqa: S608  # our own
        "ALTER TABLE voters ADD COLUMN later text",
        "CREATE TABLE later (id text)",
    )
    for since in (HEAD, NEXT):
        told = f"INSERT INTO properties VALUES ('{DatabasePropertyName.ACCEPTED_SINCE}', '{since}')"  # noqa: S608  # our own
        with rolled_back(engine, ";".join((*newer, told))) as connection:
            assert read_properties(connection) == {DatabasePropertyName.ACCEPTED_SINCE: since}
            assert is_refused(connection) is (since == NEXT)
    with rolled_back(engine, ";".join(newer)) as connection:
        assert is_refused(connection)
    assert ACCEPTED_SINCE <= HEAD


def test_an_upgrade_keeps_the_last_row_of_a_call_that_was_written_twice(engine: Engine) -> None:
    """The other rows go, and those of other calls stay, so that the index can be made."""
    row = "INSERT INTO calls (agent, began, ended, outcome, version) VALUES"
    rows = ("'camille', 1, 5", "'camille', 1, 6", "'camille', 2, 7", "'robin', 1, 8")
    former = ("DROP INDEX ix_calls_agent", "UPDATE alembic_version SET version_num = '0015'")
    written = (f"{row} ({values}, 'solved', 0)" for values in rows)
    with rolled_back(engine, ";".join((*former, *written))) as connection:
        upgrade_schema_in_transaction(connection)
        kept = connection.execute(text("SELECT ended FROM calls ORDER BY ended")).scalars().all()

    assert kept == [6, 7, 8]


def test_a_released_migration_is_never_edited() -> None:
    """Each migration has its digest in SHA256SUMS: a released one is not changed, and a new one is added there."""
    files = {file.name: file.read_bytes() for file in (SCRIPTS / "versions").iterdir() if file.name.endswith(".py")}
    kept = dict(line.split("  ")[::-1] for line in (SCRIPTS / "SHA256SUMS").read_text("utf-8").splitlines())

    assert {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} == kept
    assert max(files).partition("_")[0] == HEAD  # their numbers grow, by which a program knows a newer one


def is_refused(connection: Connection) -> bool:
    """Tell whether the tables are refused."""
    try:
        require_compatible_tables(connection)
    except DatabaseRefused:
        return True
    return False


@contextmanager
def rolled_back(engine: Engine, change: str) -> Iterator[Connection]:
    """Yield a connection after these statements, which are undone."""
    with engine.connect() as connection:
        for statement in change.split(";"):
            connection.execute(text(statement))
        yield connection
        connection.rollback()


def test_the_head_is_alembics() -> None:
    """The constant is Alembic's head."""
    with as_file(SCRIPTS) as folder:
        assert ScriptDirectory(str(folder)).get_heads() == [HEAD]


def test_a_database_is_at_the_head_once_it_was_upgraded(tmp_path: Path) -> None:
    """An upgraded database has this version, and an empty or former one has not."""
    with temporary_engine(f"sqlite:///{tmp_path / 'retrouve.sqlite3'}") as engine:
        before = is_at_head(engine)
        schema_upgrade.upgrade_schema(engine)
        upgraded = is_at_head(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

        assert (before, upgraded, is_at_head(engine)) == (False, True, False)
