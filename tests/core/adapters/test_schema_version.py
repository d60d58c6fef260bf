"""The version of a database's tables is checked."""

from importlib.resources import as_file
from pathlib import Path

from alembic.script import ScriptDirectory

from core.adapters.sql import schema_upgrade
from core.adapters.sql.engine import open_engine
from core.adapters.sql.schema_version import HEAD, is_at_head


def test_the_head_is_alembics() -> None:
    """The constant is Alembic's head."""
    with as_file(schema_upgrade.SCRIPTS) as folder:
        assert ScriptDirectory(str(folder)).get_heads() == [HEAD]


def test_a_database_is_at_the_head_once_it_was_upgraded(tmp_path: Path) -> None:
    """An upgraded database has this version, and an empty or former one has not."""
    engine = open_engine(f"sqlite:///{tmp_path / 'retrouve.sqlite3'}")
    before = is_at_head(engine)
    schema_upgrade.upgrade_schema(engine)
    upgraded = is_at_head(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    assert (before, upgraded, is_at_head(engine)) == (False, True, False)
    engine.dispose()
