"""The port Sessions."""

import msgspec
from sqlalchemy import Connection, delete, insert, select

from core.adapters.sql.tables import sessions
from core.ports import SessionRecord


class SqlSessions:
    """Signed-in browsers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: SessionRecord) -> None:
        self._connection.execute(insert(sessions).values(msgspec.structs.asdict(session)))

    def find(self, digest: bytes) -> SessionRecord | None:
        row = self._connection.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()
        return None if row is None else SessionRecord(**row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def close(self, digest: bytes) -> None:
        self._connection.execute(delete(sessions).where(sessions.c.digest == digest))
