"""The port SignInSessionRepository."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from core.adapters.sql.driver_statement_executor import struct_of_row
from core.adapters.sql.protected_tables import SESSIONS
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import sessions, voters
from core.adapters.sql.voter_accounts import VOTER, voter_of_row
from core.ports import SessionWithVoter, SignInSession

SESSION = SESSIONS.columns
OPEN = insert(sessions)
# One question, so that all of it is of one instant.
FIND = (
    select(*SESSION, *VOTER)
    .join_from(sessions, voters, voters.c.id == sessions.c.voter)
    .where(sessions.c.digest == bindparam("wanted"))
)
CLOSE = delete(sessions).where(sessions.c.digest == bindparam("wanted"))


class SqlSignInSessions(SqlPort):
    """The signed-in browsers. A row that is not authentic is as if it were not there."""

    def open(self, session: SignInSession) -> None:
        self._run.write(OPEN, self._rows.with_mac(SESSIONS, msgspec.structs.asdict(session)))

    def find(self, digest: bytes) -> SessionWithVoter | None:
        row = self._run.row(FIND, {"wanted": digest})
        if row is None:
            return None
        *session, mac = row[: len(SESSION)]
        voter = voter_of_row(row[len(SESSION) :], self._rows)
        if voter is None or not self._rows.has_valid_tag_or_alarm(SESSIONS, session, mac):
            return None
        return SessionWithVoter(record=struct_of_row(SignInSession, session), voter=voter)

    def close(self, digest: bytes) -> None:
        self._run.write(CLOSE, {"wanted": digest})
