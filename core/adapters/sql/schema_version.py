from importlib.resources import files

from sqlalchemy import Connection, Engine, inspect, text

DIGITS = 4
MIGRATIONS = (each.name[:DIGITS] for each in (files("core.adapters.sql") / "migrations" / "versions").iterdir())
HEAD = max(filter(str.isdigit, MIGRATIONS))
"""Number of the latest migration, read from the file names."""
TABLE = "alembic_version"
VERSIONS = text(f"SELECT version_num FROM {TABLE}")  # noqa: S608  # a constant name


def last_applied_migration(connection: Connection) -> str | None:
    """Return the number of the last applied migration, or None if there are no tables."""
    if not inspect(connection).has_table(TABLE):
        return None
    revision: str | None = connection.execute(VERSIONS).scalar()
    return revision


def is_at_head(engine: Engine) -> bool:
    with engine.connect() as connection:
        return last_applied_migration(connection) == HEAD
