"""The ports Reissues, PhoneClaims and AwaitedCodes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.adapters.sql.moves import INSERTS
from core.adapters.sql.tables import awaited_codes, phone_claims, reissues, voters
from core.adapters.sql.voters import COLUMNS, voter_in
from core.ports import Moved, ReissueRecord, Voter

RESERVE = {
    name: insert(reissues).on_conflict_do_nothing().returning(reissues.c.case) for name, insert in INSERTS.items()
}
OF_VOTER = select(reissues).where(reissues.c.voter == bindparam("of_voter")).order_by(reissues.c.began, reissues.c.case)
OF_CASE = update(reissues).where(reissues.c.case == bindparam("of_case"))
END = OF_CASE.where(reissues.c.ended.is_(None))
LAST = select(reissues.c.voter, func.max(reissues.c.generation).label("last")).group_by(reissues.c.voter).subquery()
GENERATIONS = (
    COLUMNS.add_columns(func.coalesce(LAST.c.last, 0).label("last"))
    .outerjoin_from(voters, LAST, LAST.c.voter == voters.c.id)
    .where(or_(LAST.c.last > 0, voters.c.frozen.is_not(None)))
    .order_by(voters.c.id)
)

CLAIM = {
    name: insert(phone_claims).on_conflict_do_nothing().returning(phone_claims.c.phone)
    for name, insert in INSERTS.items()
}
CLAIMED = select(phone_claims.c.voter).where(phone_claims.c.phone == bindparam("wanted"))

EXPECT = {
    name: insert(awaited_codes).on_conflict_do_update(
        index_elements=["case"],
        set_={"phone": insert(awaited_codes).excluded.phone, "until": insert(awaited_codes).excluded.until},
    )
    for name, insert in INSERTS.items()
}
OF_PHONE = (
    select(awaited_codes.c.case)
    .where(awaited_codes.c.phone == bindparam("wanted"), awaited_codes.c.until > bindparam("now"))
    .order_by(awaited_codes.c.until.desc(), awaited_codes.c.case)
)
FORGET = delete(awaited_codes).where(awaited_codes.c.case == bindparam("of_case"))


class SqlReissues:
    """The re-issues of each voter."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        values = {"case": case, "voter": voter, "slot": slot, "began": at}
        if self._connection.execute(RESERVE[self._connection.dialect.name], values).first() is None:
            raise Moved

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        rows = self._connection.execute(OF_VOTER, {"of_voter": voter})
        return [ReissueRecord(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def put_in_force(self, case: str, generation: int) -> None:
        self._connection.execute(OF_CASE, {"of_case": case, "generation": generation})

    def end(self, case: str, at: datetime) -> None:
        self._connection.execute(END, {"of_case": case, "ended": at})

    def recount(self, case: str, slot: int | None) -> None:
        try:
            self._connection.execute(OF_CASE, {"of_case": case, "slot": slot})
        except IntegrityError:
            raise Moved from None

    def generations(self) -> Iterator[tuple[Voter, int]]:
        for row in self._connection.execute(GENERATIONS):
            columns: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # likewise
            generation = columns.pop("last")
            yield voter_in(columns), generation


class SqlPhoneClaims:
    """One number serves one voter."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, phone: bytes, voter: int, at: datetime) -> bool:
        values = {"phone": phone, "voter": voter, "at": at}
        if self._connection.execute(CLAIM[self._connection.dialect.name], values).first() is not None:
            return True
        holder = self._connection.execute(CLAIMED, {"wanted": phone}).scalar_one()
        return bool(holder == voter)


class SqlAwaitedCodes:
    """Which cases await a code from a number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def expect(self, phone: bytes, case: str, until: datetime) -> None:
        values = {"phone": phone, "case": case, "until": until}
        self._connection.execute(EXPECT[self._connection.dialect.name], values)

    def of_phone(self, phone: bytes, now: datetime) -> list[str]:
        return list(self._connection.execute(OF_PHONE, {"wanted": phone, "now": now}).scalars())

    def forget(self, case: str) -> None:
        self._connection.execute(FORGET, {"of_case": case})
