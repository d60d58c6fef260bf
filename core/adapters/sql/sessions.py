"""The port Sessions."""

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select

from core.adapters.sql.tables import sessions
from core.ports import SessionRecord

FIND = select(sessions).where(sessions.c.digest == bindparam("wanted"))
CLOSE = delete(sessions).where(sessions.c.digest == bindparam("wanted"))


class SqlSessions:
    """Signed-in browsers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: SessionRecord) -> None:
        self._connection.execute(insert(sessions), msgspec.structs.asdict(session))

    def find(self, digest: bytes) -> SessionRecord | None:
        row = self._connection.execute(FIND, {"wanted": digest}).one_or_none()
        return None if row is None else SessionRecord(**row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def close(self, digest: bytes) -> None:
        self._connection.execute(CLOSE, {"wanted": digest})
