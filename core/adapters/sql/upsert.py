"""INSERT … ON CONFLICT. Both engines write it alike, so PostgreSQL's form serves SQLite too."""

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["Insert", "upsert"]
