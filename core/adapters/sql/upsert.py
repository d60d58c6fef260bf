"""Creates INSERT … ON CONFLICT statements for PostgreSQL and SQLite."""

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["Insert", "upsert"]
