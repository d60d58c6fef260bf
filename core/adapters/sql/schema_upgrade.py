from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

SCRIPTS = files("core.adapters.sql") / "migrations"


def upgrade_schema(connection: Connection) -> bool:
    """Apply the missing revisions. Returns whether existing tables were changed."""
    before = MigrationContext.configure(connection).get_current_heads()
    with as_file(SCRIPTS) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, "head")
    return bool(before) and before != MigrationContext.configure(connection).get_current_heads()
