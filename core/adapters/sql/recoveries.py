"""The port Recoveries: a case is one tagged JSON value beside its version."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, Row, bindparam, select

from core.adapters.sql.moves import INSERTS, compare_and_swap
from core.adapters.sql.tables import recoveries
from core.ports import Recovery

COLUMNS = select(*(recoveries.c[name] for name in Recovery.__struct_fields__))
BY_HANDLE = COLUMNS.where(recoveries.c.handle == bindparam("wanted"))
BY_NUMBER = COLUMNS.where(recoveries.c.number == bindparam("wanted"))
LATEST = (
    COLUMNS.where(recoveries.c.voter == bindparam("of_voter"), recoveries.c.flow == bindparam("in_flow"))
    .order_by(recoveries.c.began.desc(), recoveries.c.number.desc())
    .limit(1)
)
ADD = {
    name: insert(recoveries).on_conflict_do_nothing(index_elements=["number"]).returning(recoveries.c.number)
    for name, insert in INSERTS.items()
}


class SqlRecoveries:
    """The cases. `states` gives each flow's union of states, by its slug."""

    def __init__(self, connection: Connection, states: Mapping[str, "msgspec.json.Decoder[object]"]) -> None:
        self._connection = connection
        self._states = states

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        columns = {**msgspec.structs.asdict(recovery), "state": _json(recovery.state), "voter": voter}
        return self._connection.execute(ADD[self._connection.dialect.name], columns).first() is not None

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._recovery(self._connection.execute(BY_HANDLE, {"wanted": handle}).one_or_none())

    def by_number(self, number: str) -> Recovery | None:
        return self._recovery(self._connection.execute(BY_NUMBER, {"wanted": number}).one_or_none())

    def latest(self, voter: int, flow: str) -> Recovery | None:
        values = {"of_voter": voter, "in_flow": flow}
        return self._recovery(self._connection.execute(LATEST, values).one_or_none())

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        values = {"state": _json(state), "version": recovery.version + 1, **({} if voter is None else {"voter": voter})}
        key, version = recoveries.c.handle, recoveries.c.version
        compare_and_swap(
            self._connection, key, recovery.handle, version=version, expected=recovery.version, values=values
        )

    def _recovery(self, row: Row[tuple[object, ...]] | None) -> Recovery | None:
        if row is None:
            return None
        return Recovery(**{**row._mapping, "state": self._states[row.flow].decode(row.state)})  # noqa: SLF001  # SQLAlchemy's way to a mapping


def _json(state: object) -> str:
    return msgspec.json.encode(state).decode()
