"""INSERT … ON CONFLICT. The syntax is the same on both engines, so PostgreSQL's form also serves SQLite."""

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["Insert", "upsert"]
