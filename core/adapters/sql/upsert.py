"""Creates INSERT … ON CONFLICT statements. PostgreSQL's construct also works on SQLite, which has the same syntax."""

from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["Insert", "upsert"]
