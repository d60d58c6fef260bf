"""Brings a database to this version's tables, by Alembic; the same history for both engines."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

SCRIPTS = files("core.adapters.sql") / "migrations"


def upgrade(engine: Engine) -> None:
    """Applies what is missing; an up-to-date database is left as it is."""
    with engine.begin() as connection:
        upgrade_within(connection)


def upgrade_within(connection: Connection) -> None:
    """The same as a part of that connection's transaction."""
    with as_file(SCRIPTS) as folder:
        command.upgrade(_config(str(folder), connection), "head")


def known(engine: Engine) -> bool:
    """Whether the tables are those of this version or of a former one, which `upgrade` can bring here."""
    with as_file(SCRIPTS) as folder, engine.connect() as connection:
        revisions = {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
        found = MigrationContext.configure(connection).get_current_heads()
        return bool(found) and set(found) <= revisions


def _config(folder: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    return config
