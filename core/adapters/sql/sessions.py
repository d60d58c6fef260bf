"""The port Sessions."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.tables import sessions
from core.ports import SessionRecord

SESSION = tuple(sessions.c[name] for name in SessionRecord.__struct_fields__)
OPEN = insert(sessions)
FIND = select(*SESSION).where(sessions.c.digest == bindparam("wanted"))
CLOSE = delete(sessions).where(sessions.c.digest == bindparam("wanted"))


class SqlSessions:
    """Signed-in browsers."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def open(self, session: SessionRecord) -> None:
        self._run.write(OPEN, msgspec.structs.asdict(session))

    def find(self, digest: bytes) -> SessionRecord | None:
        row = self._run.row(FIND, {"wanted": digest})
        return None if row is None else record(SessionRecord, row)

    def close(self, digest: bytes) -> None:
        self._run.write(CLOSE, {"wanted": digest})
