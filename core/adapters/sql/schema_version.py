"""The version of a database's tables."""

from sqlalchemy import Connection, Engine, inspect, text

HEAD = "0012"
"""The last migration; a test compares it with Alembic's scripts. Loading Alembic takes a fifth of a start and 20 MB."""
TABLE = "alembic_version"
VERSIONS = text(f"SELECT version_num FROM {TABLE}")  # noqa: S608  # a name written here


def revision_of(connection: Connection) -> str | None:
    """Return the last migration that the database had, or None without tables."""
    if not inspect(connection).has_table(TABLE):
        return None
    revision: str | None = connection.execute(VERSIONS).scalar()
    return revision


def is_at_head(engine: Engine) -> bool:
    """Whether the tables are those of this version."""
    with engine.connect() as connection:
        return revision_of(connection) == HEAD
