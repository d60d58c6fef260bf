"""Stores the helpdesk's calls, call-backs and hand-overs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Table, bindparam, select

from core.adapters.sql.compare_and_swap import compare_and_swap
from core.adapters.sql.structs import struct_or_none, structs_of_rows
from core.adapters.sql.tables import CALLED_BACK_LATER, HANDED_AND_WAITING, call_backs, calls, hand_overs
from core.adapters.sql.upsert import upsert
from core.ports import CallBack, CallBackOrigin, CallRecord, ConflictError, HandOver

R = TypeVar("R", CallRecord, CallBack, HandOver)


@dataclass(frozen=True)
class _Rows(Generic[R]):
    connection: Connection

    kind: ClassVar[type[Any]]
    table: ClassVar[Table]

    def add(self, row: R) -> int:
        added = self.connection.execute(INSERT_ROW[self.table], _values(row)).scalar()
        if added is None:
            raise ConflictError
        return int(added)

    def by_id(self, row: int) -> R | None:
        found: R | None = struct_or_none(
            self.kind, self.connection.execute(ROW_BY_ID[self.table], {"wanted": row}).first()
        )
        return found

    def change(self, former: R, row: R) -> None:
        key, version = self.table.c.id, self.table.c.version
        values = {**_values(row), "version": former.version + 1}
        compare_and_swap(self.connection, key, former.id, version=version, expected=former.version, values=values)


def _values(row: CallRecord | CallBack | HandOver) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(row).items() if name != "id"}


class SqlCallRecords(_Rows[CallRecord]):
    kind = CallRecord
    table = calls

    def of_agent(self, agent: str, began: datetime) -> CallRecord | None:
        return struct_or_none(
            CallRecord, self.connection.execute(CALL_OF_AGENT, {"wanted": agent, "then": began}).first()
        )

    def of_voter(self, voter: int, limit: int) -> list[CallRecord]:
        return structs_of_rows(CallRecord, self.connection.execute(CALLS_OF_VOTER, {"wanted": voter, "most": limit}))

    def of_case(self, case: str, limit: int) -> list[CallRecord]:
        return structs_of_rows(CallRecord, self.connection.execute(CALLS_OF_CASE, {"wanted": case, "most": limit}))


class SqlCallBacks(_Rows[CallBack]):
    kind = CallBack
    table = call_backs

    def waiting(self, origin: CallBackOrigin, limit: int) -> list[CallBack]:
        return structs_of_rows(CallBack, self.connection.execute(WAITING_CALL_BACKS, {"wanted": origin, "most": limit}))

    def waiting_for(self, voter: int) -> list[CallBack]:
        return structs_of_rows(CallBack, self.connection.execute(CALL_BACKS_OF_VOTER, {"wanted": voter}))

    def waiting_for_case(self, case: str) -> list[CallBack]:
        return structs_of_rows(CallBack, self.connection.execute(CALL_BACKS_OF_CASE, {"wanted": case}))


class SqlHandOvers(_Rows[HandOver]):
    kind = HandOver
    table = hand_overs

    def waiting_for(self, agent: str, limit: int) -> list[HandOver]:
        return structs_of_rows(HandOver, self.connection.execute(HAND_OVERS_TO_AGENT, {"wanted": agent, "most": limit}))


TABLES = {each.table: each.kind for each in (SqlCallRecords, SqlCallBacks, SqlHandOvers)}
INSERT_ROW = {table: upsert(table).on_conflict_do_nothing().returning(table.c.id) for table in TABLES}
COLUMNS = {table: select(*(table.c[name] for name in kind.__struct_fields__)) for table, kind in TABLES.items()}
ROW_BY_ID = {table: columns.where(table.c.id == bindparam("wanted")) for table, columns in COLUMNS.items()}
CALL_OF_AGENT = COLUMNS[calls].where(
    calls.c.agent == bindparam("wanted"), calls.c.began == bindparam("then", type_=calls.c.began.type)
)
LATEST_CALLS = COLUMNS[calls].order_by(calls.c.ended.desc(), calls.c.id.desc()).limit(bindparam("most"))
CALLS_OF_VOTER = LATEST_CALLS.where(calls.c.voter == bindparam("wanted"))
CALLS_OF_CASE = LATEST_CALLS.where(calls.c.case == bindparam("wanted"))
CALL_BACKS_BY_DUE = COLUMNS[call_backs].where(CALLED_BACK_LATER).order_by(call_backs.c.due, call_backs.c.id)
WAITING_CALL_BACKS = CALL_BACKS_BY_DUE.where(call_backs.c.origin == bindparam("wanted")).limit(bindparam("most"))
CALL_BACKS_OF_VOTER = CALL_BACKS_BY_DUE.where(call_backs.c.voter == bindparam("wanted"))
CALL_BACKS_OF_CASE = CALL_BACKS_BY_DUE.where(call_backs.c.case == bindparam("wanted"))
WAITING_HAND_OVERS = (
    COLUMNS[hand_overs].where(HANDED_AND_WAITING).order_by(hand_overs.c.given, hand_overs.c.id).limit(bindparam("most"))
)
HAND_OVERS_TO_AGENT = WAITING_HAND_OVERS.where(hand_overs.c.given_to == bindparam("wanted"))
