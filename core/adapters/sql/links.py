"""Stores emailed links and voters' sessions. Only digests of their tokens are stored."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, delete, exists, func, insert, literal_column, select, update

from core.adapters.sql.cases import CASE_COLUMNS, States, case_of_row
from core.adapters.sql.protected_tables import LINKS, MAC, SESSIONS, VOTERS, columns_of_struct
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import links, recoveries, sessions, voters
from core.adapters.sql.voter_accounts import VOTER_COLUMNS
from core.ports import ConflictError, FoundLink, FoundSession, LinkKind, LinkRecord, SignInSession, Voter

LINK_COLUMNS = columns_of_struct(LINKS, LinkRecord)
# A single query, so that everything is read in one snapshot.
FIND_LINK = (
    select(*LINK_COLUMNS, *CASE_COLUMNS, *VOTER_COLUMNS)
    .join_from(links, recoveries, recoveries.c.number == links.c.case)
    .join(voters, voters.c.id == links.c.voter)
    .where(links.c.digest == bindparam("wanted"))
)
LEADS_TO_PASSWORD = links.c.kind == literal_column(f"'{LinkKind.PASSWORD}'")
COUNT_VALID_LINKS = select(func.count()).where(
    LEADS_TO_PASSWORD,
    links.c.voter == bindparam("of_voter"),
    links.c.expires > bindparam("now"),
    links.c.epoch == bindparam("in_epoch"),
)
NEW_LINK_VALUES = [bindparam(f"new_{column.name}", type_=column.type) for column in LINK_COLUMNS]
INSERT_LINK = (
    insert(links)
    .from_select(
        LINK_COLUMNS,
        select(*NEW_LINK_VALUES).where(
            exists().where(voters.c.id == bindparam("of_voter"), voters.c.epoch == bindparam("in_epoch"))
        ),
    )
    .returning(links.c.digest)
)
RECORD_FIRST_OPENING = update(links).where(links.c.digest == bindparam("wanted"), links.c.opened.is_(None))

RECORD_USE = update(links).where(links.c.digest == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlEmailedLinks:
    connection: Connection
    rows: RowAuthenticator
    states: States

    def add(self, link: LinkRecord) -> None:
        columns = msgspec.structs.asdict(link)
        columns[MAC] = self.rows.compute_tag(LINKS, [columns[name] for name in LINKS.covered])
        new = {f"new_{name}": value for name, value in columns.items()}
        values = {**new, "of_voter": link.voter, "in_epoch": link.epoch}
        if self.connection.execute(INSERT_LINK, values).first() is None:
            raise ConflictError

    def find(self, digest: bytes) -> FoundLink | None:
        row = self.connection.execute(FIND_LINK, {"wanted": digest}).first()
        if row is None:
            return None
        voter = self.rows.open_struct(Voter, VOTERS, row[-len(VOTER_COLUMNS) :])
        record = None if voter is None else self.rows.open_struct(LinkRecord, LINKS, row[: len(LINK_COLUMNS)])
        if voter is None or record is None:
            return None
        case = case_of_row(row[len(LINK_COLUMNS) : -len(VOTER_COLUMNS)], self.states)
        return FoundLink(record=record, case=case, voter=voter)

    def count_valid_links(self, voter: int, *, epoch: int, now: datetime) -> int:
        return self.connection.execute(
            COUNT_VALID_LINKS, {"of_voter": voter, "in_epoch": epoch, "now": now}
        ).scalar_one()

    def record_if_first_opening(self, digest: bytes, at: datetime) -> bool:
        return self.connection.execute(RECORD_FIRST_OPENING, {"wanted": digest, "opened": at}).rowcount == 1

    def record_use(self, digest: bytes, at: datetime) -> None:
        self.connection.execute(RECORD_USE, {"wanted": digest, "used": at})


SESSION_COLUMNS = SESSIONS.columns
INSERT_SESSION = insert(sessions)
# A single query, so that everything is read in one snapshot.
FIND_SESSION = (
    select(*SESSION_COLUMNS, *VOTER_COLUMNS)
    .join_from(sessions, voters, voters.c.id == sessions.c.voter)
    .where(sessions.c.digest == bindparam("wanted"))
)
DELETE_SESSION = delete(sessions).where(sessions.c.digest == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlSignInSessions:
    connection: Connection
    rows: RowAuthenticator

    def open(self, session: SignInSession) -> None:
        self.connection.execute(INSERT_SESSION, self.rows.with_mac(SESSIONS, msgspec.structs.asdict(session)))

    def find(self, digest: bytes) -> FoundSession | None:
        row = self.connection.execute(FIND_SESSION, {"wanted": digest}).first()
        if row is None:
            return None
        voter = self.rows.open_struct(Voter, VOTERS, row[len(SESSION_COLUMNS) :])
        record = None if voter is None else self.rows.open_struct(SignInSession, SESSIONS, row[: len(SESSION_COLUMNS)])
        return None if record is None or voter is None else FoundSession(record=record, voter=voter)

    def close(self, digest: bytes) -> None:
        self.connection.execute(DELETE_SESSION, {"wanted": digest})
