"""Creates INSERT … ON CONFLICT statements for PostgreSQL and SQLite, which have the same syntax."""

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["Insert", "upsert"]
