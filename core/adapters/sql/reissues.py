from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, or_, select, update

from core.adapters.sql.cases import CASE_COLUMNS, LATEST_CASE, States, case_of_row
from core.adapters.sql.protected_tables import MAC, PHONE_CLAIMS, REISSUES, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.structs import struct_of_row
from core.adapters.sql.tables import awaited_codes, counters, phone_claims, recoveries, reissues, voters
from core.adapters.sql.upsert import upsert
from core.adapters.sql.voter_accounts import SELECT_VOTERS, VOTER_COLUMNS
from core.ports import ConflictError, ReissueRecord, ThrottleCounterValue, Voter, VoterReissueSnapshot

REISSUE_COLUMNS = REISSUES.columns
LAST_CASE = LATEST_CASE.with_only_columns(recoveries.c.handle).scalar_subquery()
UNKNOWN_SLOT = 0
"""Slot number given only to re-issues that fail authentication."""
COUNTER_COLUMNS = len(ThrottleCounterValue.__struct_fields__)

INSERT_REISSUE = upsert(reissues).on_conflict_do_nothing().returning(reissues.c.case)
REISSUES_OF_VOTER = (
    select(*REISSUE_COLUMNS)
    .where(reissues.c.voter == bindparam("of_voter"))
    .order_by(reissues.c.began, reissues.c.case)
)
LOCK_REISSUE = select(*REISSUE_COLUMNS).where(reissues.c.case == bindparam("of_case")).with_for_update()
UPDATE_REISSUE = update(reissues).where(reissues.c.case == bindparam("of_case"))
LAST_GENERATIONS = (
    select(reissues.c.voter, func.max(reissues.c.generation).label("last")).group_by(reissues.c.voter).subquery()
)
VOTERS_WITH_GENERATION = (
    SELECT_VOTERS.add_columns(func.coalesce(LAST_GENERATIONS.c.last, 0))
    .outerjoin_from(voters, LAST_GENERATIONS, LAST_GENERATIONS.c.voter == voters.c.id)
    .where(or_(LAST_GENERATIONS.c.last > 0, voters.c.frozen.is_not(None)))
    .order_by(voters.c.id)
)

INSERT_PHONE_CLAIM = upsert(phone_claims).on_conflict_do_nothing().returning(phone_claims.c.phone)
FIND_PHONE_CLAIM = select(*PHONE_CLAIMS.columns).where(phone_claims.c.phone == bindparam("wanted"))

AWAIT_CODE = (made := upsert(awaited_codes)).on_conflict_do_update(
    index_elements=["case"], set_={"phone": made.excluded.phone, "until": made.excluded.until}
)
CASES_OF_PHONE = (
    select(awaited_codes.c.case)
    .where(awaited_codes.c.phone == bindparam("wanted"), awaited_codes.c.until > bindparam("now"))
    .order_by(awaited_codes.c.until.desc(), awaited_codes.c.case)
)
DELETE_AWAITED_CODE = delete(awaited_codes).where(awaited_codes.c.case == bindparam("of_case"))


@dataclass(frozen=True, slots=True)
class SqlReissues:
    """Stores re-issues (new identifiers) and claimed phone numbers."""

    connection: Connection
    rows: RowAuthenticator
    states: States

    def read_reissue_snapshot(self, voter: int, flow: str, buckets: Sequence[bytes]) -> VoterReissueSnapshot:
        parameters = {_parameter(position): bucket for position, bucket in enumerate(buckets)}
        found = self.connection.execute(
            _status_query(len(buckets)), {"of_voter": voter, "in_flow": flow, **parameters}
        ).all()
        if not found:
            raise LookupError(voter)
        own, case, *counts = _split(found[0], len(VOTER_COLUMNS), len(CASE_COLUMNS), *[COUNTER_COLUMNS] * len(buckets))
        holder = self.rows.open_struct(Voter, VOTERS, own)
        if holder is None:
            raise LookupError(voter)
        reissued = (row[-len(REISSUE_COLUMNS) :] for row in found)
        return VoterReissueSnapshot(
            voter=holder,
            last=None if case[0] is None else case_of_row(case, self.states),
            counts=tuple(None if count[0] is None else struct_of_row(ThrottleCounterValue, count) for count in counts),
            reissues=tuple(reissue_of_row(row, self.rows) for row in reissued if row[0] is not None),
        )

    def claim_phone(self, phone_digest: bytes, voter: int, at: datetime) -> bool:
        claim = self.rows.with_mac(PHONE_CLAIMS, {"phone": phone_digest, "voter": voter, "at": at})
        if self.connection.execute(INSERT_PHONE_CLAIM, claim).first() is not None:
            return True
        present = self.rows.open_row(
            PHONE_CLAIMS, self.connection.execute(FIND_PHONE_CLAIM, {"wanted": phone_digest}).one()
        )
        return present is not None and bool(present["voter"] == voter)

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        values = {"case": case, "voter": voter, "slot": slot, "generation": None, "began": at, "ended": None}
        if self.connection.execute(INSERT_REISSUE, self.rows.with_mac(REISSUES, values)).first() is None:
            raise ConflictError

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        return [
            reissue_of_row(row, self.rows)
            for row in self.connection.execute(REISSUES_OF_VOTER, {"of_voter": voter}).all()
        ]

    def record_generation_in_force(self, case: str, generation: int) -> None:
        self._change(case, {"generation": generation})

    def record_absent_on_platform(self, case: str) -> None:
        self._change(case, {"generation": None, "slot": None})

    def end(self, case: str, at: datetime) -> None:
        self._change(case, {"ended": at}, unless="ended")

    def set_quota_slot(self, case: str, slot: int | None) -> None:
        self._change(case, {"slot": slot})

    def voters_with_generation(self) -> Iterator[tuple[Voter, int]]:
        for *columns, last in self.connection.execute(VOTERS_WITH_GENERATION).all():
            voter = self.rows.open_struct(Voter, VOTERS, columns)
            if voter is not None:
                yield voter, last

    def _change(self, case: str, values: Mapping[str, object], *, unless: str | None = None) -> None:
        row = self.connection.execute(LOCK_REISSUE, {"of_case": case}).first()
        present = None if row is None else self.rows.open_row(REISSUES, row)
        if present is None or (unless is not None and present[unless] is not None):
            return
        mac = self.rows.seal_row(REISSUES, {**present, **values})[MAC]
        self.connection.execute(UPDATE_REISSUE, {"of_case": case, **values, MAC: mac})


@dataclass(frozen=True, slots=True)
class SqlAwaitedCodes:
    connection: Connection

    def await_code(self, phone_digest: bytes, case: str, until: datetime) -> None:
        self.connection.execute(AWAIT_CODE, {"phone": phone_digest, "case": case, "until": until})

    def cases_awaiting_code_from(self, phone_digest: bytes, now: datetime) -> list[str]:
        return [case for (case,) in self.connection.execute(CASES_OF_PHONE, {"wanted": phone_digest, "now": now}).all()]

    def forget(self, case: str) -> None:
        self.connection.execute(DELETE_AWAITED_CODE, {"of_case": case})


def reissue_of_row(row: Sequence[Any], rows: RowAuthenticator) -> ReissueRecord:
    """Convert a row to a re-issue. A forged row counts as a re-issue in progress."""
    columns = dict(zip(REISSUES.covered, row, strict=False))
    if rows.open_row(REISSUES, row) is None:
        columns |= {"slot": columns["slot"] or UNKNOWN_SLOT, "ended": None, "authentic": False}
    return ReissueRecord(**columns)


@lru_cache
def _status_query(count: int) -> Select[*tuple[Any, ...]]:
    tables = [counters.alias() for _ in range(count)]
    counts = [table.c[name] for table in tables for name in ThrottleCounterValue.__struct_fields__]
    last = recoveries.alias()
    found = (
        select(*VOTER_COLUMNS, *(last.c[column.name] for column in CASE_COLUMNS), *counts, *REISSUE_COLUMNS)
        .select_from(voters)
        .outerjoin(last, last.c.handle == LAST_CASE)
        .outerjoin(reissues, reissues.c.voter == voters.c.id)
        .where(voters.c.id == bindparam("of_voter"))
        .order_by(reissues.c.began, reissues.c.case)
    )
    for position, table in enumerate(tables):
        found = found.outerjoin(table, table.c.bucket == bindparam(_parameter(position)))
    return found


def _parameter(position: int) -> str:
    return f"bucket_{position}"


def _split(row: Row[Any], *lengths: int) -> list[tuple[Any, ...]]:
    rest = iter(row)
    return [tuple(islice(rest, length)) for length in lengths]
