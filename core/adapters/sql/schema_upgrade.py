from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

SCRIPTS = files("core.adapters.sql") / "migrations"


def upgrade_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        upgrade_schema_in_transaction(connection)


def upgrade_schema_in_transaction(connection: Connection) -> bool:
    """Apply the missing revisions in the current transaction. Return whether this changed existing tables."""
    before = MigrationContext.configure(connection).get_current_heads()
    with as_file(SCRIPTS) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, "head")
    return bool(before) and before != MigrationContext.configure(connection).get_current_heads()
