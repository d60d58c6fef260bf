"""Which version of the tables a database has, told without Alembic."""

from importlib.resources import as_file
from pathlib import Path

from alembic.script import ScriptDirectory

from core.adapters.sql import schema
from core.adapters.sql.engine import open_engine
from core.adapters.sql.version import at_head, heads


def test_the_last_migration_is_the_one_that_alembic_takes_for_it() -> None:
    """And there is one, so that nobody has to choose."""
    with as_file(schema.SCRIPTS) as folder:
        assert list(heads()) == ScriptDirectory(str(folder)).get_heads()


def test_a_database_is_at_the_head_once_it_was_upgraded(tmp_path: Path) -> None:
    """An empty one is not, and neither is one that was left at a former version."""
    engine = open_engine(f"sqlite:///{tmp_path / 'retrouve.sqlite3'}")
    before = at_head(engine)
    schema.upgrade(engine)
    upgraded = at_head(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    assert (before, upgraded, at_head(engine)) == (False, True, False)
    engine.dispose()
