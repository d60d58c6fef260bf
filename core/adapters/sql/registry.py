"""The port Registry: the table of the embedded voting platform."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.moves import INSERTS, compare_and_swap
from core.adapters.sql.tables import registry
from core.platform import Registered, Standing
from core.ports import Moved

FIND = select(registry).where(registry.c.voter == bindparam("wanted"))
FIRST = {
    name: insert(registry).on_conflict_do_nothing().returning(registry.c.voter) for name, insert in INSERTS.items()
}
STANDINGS = select(registry.c.voter, registry.c.generation, registry.c.frozen).order_by(registry.c.voter)


class SqlRegistry:
    """What the embedded platform keeps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, voter: str) -> Registered | None:
        row = self._connection.execute(FIND, {"wanted": voter}).one_or_none()
        return None if row is None else Registered(**row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def keep(self, record: Registered) -> None:
        values = msgspec.structs.asdict(record)
        if record.version == 1:
            if self._connection.execute(FIRST[self._connection.dialect.name], values).first() is None:
                raise Moved
            return
        key, version = registry.c.voter, registry.c.version
        compare_and_swap(
            self._connection, key, record.voter, version=version, expected=record.version - 1, values=values
        )

    def standings(self) -> Iterator[Standing]:
        for row in self._connection.execute(STANDINGS):
            yield Standing(**row._mapping)  # noqa: SLF001  # likewise
