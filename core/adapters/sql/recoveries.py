"""The port Recoveries: a case is one tagged JSON value beside its version."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import bindparam, select

from core.adapters.sql.moves import PerEngine, compare_and_swap
from core.adapters.sql.prepared import Prepared, Row, Statement, listed, one_of
from core.adapters.sql.tables import recoveries
from core.ports import Recovery

CASE = tuple(recoveries.c[name] for name in Recovery.__struct_fields__)
COLUMNS = select(*CASE)
BY_HANDLE = COLUMNS.where(recoveries.c.handle == bindparam("wanted"))
BY_NUMBER = COLUMNS.where(recoveries.c.number == bindparam("wanted"))
LATEST = (
    COLUMNS.where(recoveries.c.voter == bindparam("of_voter"), recoveries.c.flow == bindparam("in_flow"))
    .order_by(recoveries.c.began.desc(), recoveries.c.number.desc())
    .limit(1)
)
OF_VOTER = (
    COLUMNS.where(recoveries.c.voter == bindparam("wanted"))
    .order_by(recoveries.c.began.desc(), recoveries.c.number.desc())
    .limit(bindparam("most"))
)
IN_FLOW = COLUMNS.where(recoveries.c.flow == bindparam("wanted")).order_by(recoveries.c.number)
VOTER_OF = select(recoveries.c.voter).where(recoveries.c.number == bindparam("wanted"))
ADD = PerEngine(
    lambda insert: insert(recoveries).on_conflict_do_nothing(index_elements=["number"]).returning(recoveries.c.number)
)


States = Mapping[str, "msgspec.json.Decoder[object]"]
"""What reads each flow's states, by its slug."""


class SqlRecoveries:
    """The cases."""

    def __init__(self, run: Prepared, states: States) -> None:
        self._run = run
        self._states = states

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        columns = {**msgspec.structs.asdict(recovery), "state": _json(recovery.state), "voter": voter}
        return self._run.row(ADD[self._run.dialect.name], columns) is not None

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._recovery(self._run.row(BY_HANDLE, {"wanted": handle}))

    def by_number(self, number: str) -> Recovery | None:
        return self._recovery(self._run.row(BY_NUMBER, {"wanted": number}))

    def by_numbers(self, numbers: Sequence[str]) -> Mapping[str, Recovery]:
        rows = self._run.rows(_numbered(len(numbers)), listed(numbers))
        return {case.number: case for case in map(self._case, rows)}

    def of_voter(self, voter: int, limit: int) -> list[Recovery]:
        return [self._case(row) for row in self._run.rows(OF_VOTER, {"wanted": voter, "most": limit})]

    def in_flow(self, flow: str) -> Iterator[Recovery]:
        return map(self._case, self._run.rows(IN_FLOW, {"wanted": flow}))

    def voter_of(self, number: str) -> int | None:
        row = self._run.row(VOTER_OF, {"wanted": number})
        return None if row is None else row[0]

    def latest(self, voter: int, flow: str) -> Recovery | None:
        return self._recovery(self._run.row(LATEST, {"of_voter": voter, "in_flow": flow}))

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        values = {"state": _json(state), "version": recovery.version + 1, **({} if voter is None else {"voter": voter})}
        key, version = recoveries.c.handle, recoveries.c.version
        compare_and_swap(self._run, key, recovery.handle, version=version, expected=recovery.version, values=values)

    def _recovery(self, row: Row | None) -> Recovery | None:
        return None if row is None else self._case(row)

    def _case(self, row: Row) -> Recovery:
        return case_in(row, self._states)


@lru_cache
def _numbered(count: int) -> Statement:
    return COLUMNS.where(one_of(recoveries.c.number, count))


def case_in(row: Row, states: States) -> Recovery:
    """The case whose columns are that row."""
    columns = dict(zip(Recovery.__struct_fields__, row, strict=True))
    return Recovery(**{**columns, "state": states[columns["flow"]].decode(columns["state"])})


def _json(state: object) -> str:
    return msgspec.json.encode(state).decode()
