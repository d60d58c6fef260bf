"""Stores recovery cases. Each case has a version number, and its state is stored as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.compare_and_swap import compare_and_swap
from core.adapters.sql.tables import recoveries
from core.adapters.sql.upsert import upsert
from core.ports import RecoveryCase

States = Mapping[str, "msgspec.json.Decoder[object]"]
CASE_COLUMNS = tuple(recoveries.c[name] for name in RecoveryCase.__struct_fields__)
SELECT_CASES = select(*CASE_COLUMNS)
CASE_BY_HANDLE = SELECT_CASES.where(recoveries.c.handle == bindparam("wanted"))
CASE_BY_NUMBER = SELECT_CASES.where(recoveries.c.number == bindparam("wanted"))
LATEST_CASE = (
    SELECT_CASES.where(recoveries.c.voter == bindparam("of_voter"), recoveries.c.flow == bindparam("in_flow"))
    .order_by(recoveries.c.began.desc(), recoveries.c.number.desc())
    .limit(1)
)
CASES_OF_VOTER = (
    SELECT_CASES.where(recoveries.c.voter == bindparam("wanted"))
    .order_by(recoveries.c.began.desc(), recoveries.c.number.desc())
    .limit(bindparam("most"))
)
CASES_OF_FLOW = (
    SELECT_CASES.where(recoveries.c.flow == bindparam("wanted"), recoveries.c.number > bindparam("after"))
    .order_by(recoveries.c.number)
    .limit(bindparam("most"))
)
BATCH_ROWS = 1_000
VOTER_OF_CASE = select(recoveries.c.voter).where(recoveries.c.number == bindparam("wanted"))
INSERT_CASE = upsert(recoveries).on_conflict_do_nothing().returning(recoveries.c.number)


@dataclass(frozen=True, slots=True)
class SqlCases:
    connection: Connection
    states: States

    def add(self, recovery: RecoveryCase, *, voter: int | None = None) -> bool:
        state = msgspec.json.encode(recovery.state).decode()
        values = {**msgspec.structs.asdict(recovery), "state": state, "voter": voter}
        return self.connection.execute(INSERT_CASE, values).first() is not None

    def by_handle(self, handle: bytes) -> RecoveryCase | None:
        row = self.connection.execute(CASE_BY_HANDLE, {"wanted": handle}).first()
        return None if row is None else case_of_row(row, self.states)

    def by_number(self, number: str) -> RecoveryCase | None:
        row = self.connection.execute(CASE_BY_NUMBER, {"wanted": number}).first()
        return None if row is None else case_of_row(row, self.states)

    def of_voter(self, voter: int, limit: int) -> list[RecoveryCase]:
        return [
            case_of_row(row, self.states)
            for row in self.connection.execute(CASES_OF_VOTER, {"wanted": voter, "most": limit})
        ]

    def all_of_flow(self, flow: str) -> Iterator[RecoveryCase]:
        after = ""
        while found := self.connection.execute(
            CASES_OF_FLOW, {"wanted": flow, "after": after, "most": BATCH_ROWS}
        ).all():
            for row in found:
                yield case_of_row(row, self.states)
            after = found[-1].number

    def voter_of(self, number: str) -> int | None:
        voter: int | None = self.connection.execute(VOTER_OF_CASE, {"wanted": number}).scalar()
        return voter

    def latest(self, voter: int, flow: str) -> RecoveryCase | None:
        row = self.connection.execute(LATEST_CASE, {"of_voter": voter, "in_flow": flow}).first()
        return None if row is None else case_of_row(row, self.states)

    def update_state(self, recovery: RecoveryCase, state: object, *, voter: int | None = None) -> None:
        values = {"state": msgspec.json.encode(state).decode(), "version": recovery.version + 1}
        if voter is not None:
            values["voter"] = voter
        key, version = recoveries.c.handle, recoveries.c.version
        compare_and_swap(
            self.connection, key, recovery.handle, version=version, expected=recovery.version, values=values
        )


def case_of_row(row: Sequence[Any], states: States) -> RecoveryCase:
    columns = dict(zip(RecoveryCase.__struct_fields__, row, strict=True))
    return RecoveryCase(**{**columns, "state": states[columns["flow"]].decode(columns["state"])})
