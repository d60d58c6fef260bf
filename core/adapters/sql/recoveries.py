"""The port Recoveries: a case is one tagged JSON value beside its version."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, Row, select

from core.adapters.sql.moves import compare_and_swap, upsert
from core.adapters.sql.tables import recoveries
from core.ports import Recovery

COLUMNS = select(*(recoveries.c[name] for name in Recovery.__struct_fields__))


class SqlRecoveries:
    """The cases. `states` gives each flow's union of states, by its slug."""

    def __init__(self, connection: Connection, states: Mapping[str, "msgspec.json.Decoder[object]"]) -> None:
        self._connection = connection
        self._states = states

    def add(self, recovery: Recovery) -> bool:
        statement = (
            upsert(self._connection, recoveries)
            .values({**msgspec.structs.asdict(recovery), "state": _json(recovery.state)})
            .on_conflict_do_nothing(index_elements=["number"])
        )
        return self._connection.execute(statement).rowcount == 1

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._recovery(self._connection.execute(COLUMNS.where(recoveries.c.handle == handle)).one_or_none())

    def by_number(self, number: str) -> Recovery | None:
        return self._recovery(self._connection.execute(COLUMNS.where(recoveries.c.number == number)).one_or_none())

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        values = {"state": _json(state), "version": recovery.version + 1, **({} if voter is None else {"voter": voter})}
        compare_and_swap(
            self._connection,
            recoveries,
            recoveries.c.handle == recovery.handle,
            recoveries.c.version == recovery.version,
            values,
        )

    def _recovery(self, row: Row[tuple[object, ...]] | None) -> Recovery | None:
        if row is None:
            return None
        return Recovery(**{**row._mapping, "state": self._states[row.flow].decode(row.state)})  # noqa: SLF001  # SQLAlchemy's way to a mapping


def _json(state: object) -> str:
    return msgspec.json.encode(state).decode()
