"""The ports EmailedLinkRepository and SignInSessionRepository: from the digest of a token to its case or its voter."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, exists, func, insert, literal_column, select, update

from core.adapters.sql.cases import CASE, case_of_row
from core.adapters.sql.protected_tables import LINKS, SESSIONS, columns_of_struct
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import links, recoveries, sessions, voters
from core.adapters.sql.voter_accounts import PRESENT_VOTERS, VOTER, voter_of_row
from core.ports import ConflictError, LinkKind, LinkRecord, LinkWithCaseAndVoter, SessionWithVoter, SignInSession, Voter

LINK = columns_of_struct(LINKS, LinkRecord)
# One question, so that all of it is of one instant.
FIND_LINK = (
    select(*LINK, *CASE, *VOTER)
    .join_from(links, recoveries, recoveries.c.number == links.c.case)
    .join(voters, voters.c.id == links.c.voter)
    .where(links.c.digest == bindparam("wanted"))
)
LEADS_TO_PASSWORD = links.c.kind == literal_column(f"'{LinkKind.PASSWORD}'")
ALIVE = select(func.count()).where(
    LEADS_TO_PASSWORD,
    links.c.voter == bindparam("of_voter"),
    links.c.expires > bindparam("now"),
    links.c.epoch == bindparam("in_epoch"),
)
NEW = [bindparam(f"new_{column.name}", type_=column.type) for column in LINK]
ADD = insert(links).from_select(
    LINK,
    select(*NEW).where(exists().where(voters.c.id == bindparam("of_voter"), voters.c.epoch == bindparam("in_epoch"))),
)
OBSERVE = update(links).where(links.c.digest == bindparam("wanted"), links.c.opened.is_(None))

USE = update(links).where(links.c.digest == bindparam("wanted"))


class SqlEmailedLinks(SqlPort):
    """The links. A row that is not authentic is as if it were not there."""

    def add(self, link: LinkRecord) -> None:
        tagged = self._rows.with_mac(LINKS, msgspec.structs.asdict(link))
        new = {f"new_{name}": value for name, value in tagged.items()}
        self._run.write(ADD, {**new, "of_voter": link.voter, "in_epoch": link.epoch}, if_no_row=ConflictError)

    def find(self, digest: bytes) -> LinkWithCaseAndVoter | None:
        row = self._run.row(FIND_LINK, {"wanted": digest})
        if row is None:
            return None
        voter = voter_of_row(row[-len(VOTER) :], self._rows)
        record = None if voter is None else self._rows.open_struct(LinkRecord, LINKS, row[: len(LINK)])
        if voter is None or record is None:
            return None
        case = case_of_row(row[len(LINK) : -len(VOTER)], self._context.states)
        return LinkWithCaseAndVoter(record=record, case=case, voter=voter)

    def count_valid_links(self, voter: int, *, epoch: int, now: datetime) -> int:
        return int(self._run.scalar(ALIVE, {"of_voter": voter, "in_epoch": epoch, "now": now}))

    def present_voters_by_email(self, addresses: Sequence[str]) -> Mapping[str, Voter]:
        rows = self._run.rows_where_in(PRESENT_VOTERS, voters.c.email, addresses)
        read = (voter_of_row(row, self._rows) for row in rows)
        return {voter.email: voter for voter in read if voter is not None}

    def record_if_first_opening(self, digest: bytes, at: datetime) -> bool:
        return self._run.change(OBSERVE, {"wanted": digest, "opened": at}) == 1

    def record_use(self, digest: bytes, at: datetime) -> None:
        self._run.write(USE, {"wanted": digest, "used": at})


SESSION = SESSIONS.columns
OPEN_SESSION = insert(sessions)
# One question, so that all of it is of one instant.
FIND_SESSION = (
    select(*SESSION, *VOTER)
    .join_from(sessions, voters, voters.c.id == sessions.c.voter)
    .where(sessions.c.digest == bindparam("wanted"))
)
CLOSE_SESSION = delete(sessions).where(sessions.c.digest == bindparam("wanted"))


class SqlSignInSessions(SqlPort):
    """The signed-in browsers. A row that is not authentic is as if it were not there."""

    def open(self, session: SignInSession) -> None:
        self._run.write(OPEN_SESSION, self._rows.with_mac(SESSIONS, msgspec.structs.asdict(session)))

    def find(self, digest: bytes) -> SessionWithVoter | None:
        row = self._run.row(FIND_SESSION, {"wanted": digest})
        if row is None:
            return None
        voter = voter_of_row(row[len(SESSION) :], self._rows)
        record = None if voter is None else self._rows.open_struct(SignInSession, SESSIONS, row[: len(SESSION)])
        return None if record is None or voter is None else SessionWithVoter(record=record, voter=voter)

    def close(self, digest: bytes) -> None:
        self._run.write(CLOSE_SESSION, {"wanted": digest})
