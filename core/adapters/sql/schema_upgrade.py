"""Upgrades a database to this version's tables with Alembic, by the same migrations on both engines."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

SCRIPTS = files("core.adapters.sql") / "migrations"


def upgrade_schema(engine: Engine) -> None:
    """Apply the migrations that are missing."""
    with engine.begin() as connection:
        upgrade_schema_in_transaction(connection)


def upgrade_schema_in_transaction(connection: Connection) -> bool:
    """Apply the missing migrations within that connection's transaction. Return whether there were tables, of another version."""
    before = MigrationContext.configure(connection).get_current_heads()
    with as_file(SCRIPTS) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, "head")
    return bool(before) and before != MigrationContext.configure(connection).get_current_heads()


def has_known_revision(engine: Engine) -> bool:
    """Return whether the tables are those of this version or of a former one, which `upgrade` can bring here."""
    with as_file(SCRIPTS) as folder, engine.connect() as connection:
        revisions = {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
        found = MigrationContext.configure(connection).get_current_heads()
        return bool(found) and set(found) <= revisions
