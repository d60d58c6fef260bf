"""The port Sessions."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.tables import sessions, voters
from core.adapters.sql.voters import VOTER, voter_in
from core.ports import HeldSession, SessionRecord

SESSION = tuple(sessions.c[name] for name in SessionRecord.__struct_fields__)
OPEN = insert(sessions)
# One question, so that all of it is of one instant.
FIND = (
    select(*SESSION, *VOTER)
    .join_from(sessions, voters, voters.c.id == sessions.c.voter)
    .where(sessions.c.digest == bindparam("wanted"))
)
CLOSE = delete(sessions).where(sessions.c.digest == bindparam("wanted"))


class SqlSessions:
    """Signed-in browsers."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def open(self, session: SessionRecord) -> None:
        self._run.write(OPEN, msgspec.structs.asdict(session))

    def find(self, digest: bytes) -> HeldSession | None:
        row = self._run.row(FIND, {"wanted": digest})
        if row is None:
            return None
        session, voter = row[: len(SESSION)], row[len(SESSION) :]
        return HeldSession(record=record(SessionRecord, session), voter=voter_in(voter))

    def close(self, digest: bytes) -> None:
        self._run.write(CLOSE, {"wanted": digest})
