"""Creates INSERT … ON CONFLICT statements. SQLite shares PostgreSQL's syntax, so the same construct serves both."""

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["Insert", "upsert"]
