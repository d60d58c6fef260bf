"""The ports Reissues, PhoneClaims and AwaitedCodes."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, or_, select, update

from core.adapters.sql.holders import holder
from core.adapters.sql.moves import PerEngine
from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.recoveries import States
from core.adapters.sql.tables import awaited_codes, phone_claims, reissues, voters
from core.adapters.sql.voters import COLUMNS, voter_in
from core.ports import Holder, Moved, ReissueRecord, Voter

RESERVE = PerEngine(lambda insert: insert(reissues).on_conflict_do_nothing())
OF_VOTER = (
    select(*(reissues.c[name] for name in ReissueRecord.__struct_fields__))
    .where(reissues.c.voter == bindparam("of_voter"))
    .order_by(reissues.c.began, reissues.c.case)
)
OF_CASE = update(reissues).where(reissues.c.case == bindparam("of_case"))
END = OF_CASE.where(reissues.c.ended.is_(None))
LAST = select(reissues.c.voter, func.max(reissues.c.generation).label("last")).group_by(reissues.c.voter).subquery()
GENERATIONS = (
    COLUMNS.add_columns(func.coalesce(LAST.c.last, 0))
    .outerjoin_from(voters, LAST, LAST.c.voter == voters.c.id)
    .where(or_(LAST.c.last > 0, voters.c.frozen.is_not(None)))
    .order_by(voters.c.id)
)

CLAIM = PerEngine(lambda insert: insert(phone_claims).on_conflict_do_nothing().returning(phone_claims.c.phone))
CLAIMED = select(phone_claims.c.voter).where(phone_claims.c.phone == bindparam("wanted"))

EXPECT = PerEngine(
    lambda insert: (made := insert(awaited_codes)).on_conflict_do_update(
        index_elements=["case"], set_={"phone": made.excluded.phone, "until": made.excluded.until}
    )
)
OF_PHONE = (
    select(awaited_codes.c.case)
    .where(awaited_codes.c.phone == bindparam("wanted"), awaited_codes.c.until > bindparam("now"))
    .order_by(awaited_codes.c.until.desc(), awaited_codes.c.case)
)
FORGET = delete(awaited_codes).where(awaited_codes.c.case == bindparam("of_case"))


class SqlReissues:
    """The re-issues of each voter."""

    def __init__(self, run: Prepared, states: States) -> None:
        self._run = run
        self._states = states

    def holder(self, voter: int, flow: str, buckets: Sequence[bytes]) -> Holder:
        return holder(self._run, self._states, voter, flow, buckets)

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        values = {"case": case, "voter": voter, "slot": slot, "began": at}
        self._run.write(RESERVE[self._run.dialect.name], values, unless=Moved)

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        return [record(ReissueRecord, row) for row in self._run.rows(OF_VOTER, {"of_voter": voter})]

    def put_in_force(self, case: str, generation: int) -> None:
        self._run.write(OF_CASE, {"of_case": case, "generation": generation})

    def end(self, case: str, at: datetime) -> None:
        self._run.write(END, {"of_case": case, "ended": at})

    def recount(self, case: str, slot: int | None) -> None:
        self._run.write(OF_CASE, {"of_case": case, "slot": slot})

    def generations(self) -> Iterator[tuple[Voter, int]]:
        for *columns, last in self._run.rows(GENERATIONS, {}):
            yield voter_in(columns), last


class SqlPhoneClaims:
    """One number serves one voter."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def claim(self, phone: bytes, voter: int, at: datetime) -> bool:
        if self._run.row(CLAIM[self._run.dialect.name], {"phone": phone, "voter": voter, "at": at}) is not None:
            return True
        (holder,) = self._run.one(CLAIMED, {"wanted": phone})
        return bool(holder == voter)


class SqlAwaitedCodes:
    """Which cases await a code from a number."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def expect(self, phone: bytes, case: str, until: datetime) -> None:
        self._run.write(EXPECT[self._run.dialect.name], {"phone": phone, "case": case, "until": until})

    def of_phone(self, phone: bytes, now: datetime) -> list[str]:
        return [case for (case,) in self._run.rows(OF_PHONE, {"wanted": phone, "now": now})]

    def forget(self, case: str) -> None:
        self._run.write(FORGET, {"of_case": case})
