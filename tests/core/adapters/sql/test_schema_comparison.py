"""The tables of a database are compared with the tables in `tables.py`, on both database engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from core.adapters.sql import schema_upgrade
from core.adapters.sql.database_check import (
    OLDEST_PROGRAM,
    DatabasePropertyName,
    DatabaseRefused,
    require_compatible_tables,
    require_upgradable_tables,
)
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.schema_comparison import declared_schema, differing_schema_objects, read_schema
from core.adapters.sql.schema_upgrade import SCRIPTS
from core.adapters.sql.schema_version import HEAD, is_at_head
from core.text.faces import readiness_sentences as words
from core.text.text import Language
from core.text.translation import translate
from tests.support.stores import KeptStore

NEXT = f"{int(HEAD) + 1:04}"


@pytest.fixture(name="engine")
def fresh_database(kept: KeptStore) -> Engine:
    """A database with the tables of this version. The changes of a test are rolled back."""
    return kept.engine


def test_the_revisions_make_the_tables_that_are_declared(engine: Engine) -> None:
    """Alembic's revisions create exactly the tables that `tables.py` declares."""
    with engine.connect() as connection:
        found, declared = read_schema(connection), declared_schema(engine.dialect)

    assert sorted(found ^ declared) == []


def test_what_is_missing_or_different_is_named(engine: Engine) -> None:
    """A database with a missing or different column, index or table is refused with the name of the object."""
    for change, named in (
        ("ALTER TABLE links DROP COLUMN opened", ["column links.opened"]),
        ("DROP INDEX ix_outbox_due", ["index outbox.ix_outbox_due"]),
        ("ALTER TABLE links RENAME COLUMN kind TO sort", ["column links.kind"]),
        (
            "DROP INDEX ix_voters_email; CREATE INDEX ix_voters_email ON voters (email)",
            ["index voters.ix_voters_email"],
        ),
        ("DROP TABLE gaps", ["column gaps.first", "column gaps.last", "primary key gaps.first"]),
    ):
        with rolled_back(engine, change) as connection:
            found = differing_schema_objects(declared_schema(engine.dialect), read_schema(connection))
            with pytest.raises(DatabaseRefused) as refused:
                require_compatible_tables(connection)

        assert found == named
        assert named[0] in translate(refused.value.reason, Language.FRENCH)


def newer_tables(oldest_program: str) -> str:
    """Return the statements of a later version's migration, which adds a column and a table."""
    return (
        f"UPDATE alembic_version SET version_num = '{NEXT}';"  # noqa: S608  # our own
        "ALTER TABLE voters ADD COLUMN later text; CREATE TABLE later (id text);"
        f"INSERT INTO properties VALUES ('{DatabasePropertyName.OLDEST_PROGRAM}', '{oldest_program}')"
    )


def test_a_program_accepts_tables_of_the_next_version(engine: Engine) -> None:
    """Tables of a later version are accepted only if the database says that this version may use them."""
    with rolled_back(engine, newer_tables(HEAD)) as connection:
        require_compatible_tables(connection)
    with rolled_back(engine, newer_tables(NEXT)) as connection:
        assert reason_of_refusal(connection) == words.NEWER_TABLES.msgid
    assert OLDEST_PROGRAM <= HEAD


def test_tables_of_a_version_before_1_0_are_not_taken_for_newer_ones(engine: Engine) -> None:
    """Tables of a version before 1.0 are refused as old, although their revision numbers were higher."""
    with rolled_back(engine, "UPDATE alembic_version SET version_num = '0009'") as connection:
        assert reason_of_refusal(connection) == words.FORMER_TABLES.msgid
        with pytest.raises(DatabaseRefused):
            require_upgradable_tables(connection)


def reason_of_refusal(connection: Connection) -> str:
    """Return the sentence with which the tables are refused, without its values."""
    with pytest.raises(DatabaseRefused) as refused:
        require_compatible_tables(connection)
    return refused.value.reason.msgid


@contextmanager
def rolled_back(engine: Engine, change: str) -> Iterator[Connection]:
    """Yield a connection after some statements, and roll them back."""
    with engine.connect() as connection:
        for statement in change.split(";"):
            connection.execute(text(statement))
        yield connection
        connection.rollback()


def test_the_head_is_alembics() -> None:
    """The constant HEAD is the latest Alembic revision."""
    with as_file(SCRIPTS) as folder:
        assert ScriptDirectory(str(folder)).get_heads() == [HEAD]


def test_a_database_is_at_the_head_once_it_was_upgraded(tmp_path: Path) -> None:
    """A database has the latest revision only after it was upgraded."""
    with temporary_engine(f"sqlite:///{tmp_path / 'retrouve.sqlite3'}") as engine:
        before = is_at_head(engine)
        with engine.begin() as connection:
            schema_upgrade.upgrade_schema(connection)

        assert (before, is_at_head(engine)) == (False, True)
