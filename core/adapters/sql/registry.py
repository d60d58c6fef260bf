"""The port Registry: the table of the embedded voting platform."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import bindparam, select

from core.adapters.sql.moves import PerEngine, compare_and_swap
from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.tables import registry
from core.platform import Registered, Standing
from core.ports import Moved

FIND = select(*(registry.c[name] for name in Registered.__struct_fields__)).where(
    registry.c.voter == bindparam("wanted")
)
FIRST = PerEngine(lambda insert: insert(registry).on_conflict_do_nothing())
STANDINGS = select(*(registry.c[name] for name in Standing.__struct_fields__)).order_by(registry.c.voter)


class SqlRegistry:
    """What the embedded platform keeps."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def find(self, voter: str) -> Registered | None:
        row = self._run.row(FIND, {"wanted": voter})
        return None if row is None else record(Registered, row)

    def keep(self, registered: Registered) -> None:
        values = msgspec.structs.asdict(registered)
        if registered.version == 1:
            self._run.write(FIRST[self._run.dialect.name], values, unless=Moved)
            return
        key, version, before = registry.c.voter, registry.c.version, registered.version - 1
        compare_and_swap(self._run, key, registered.voter, version=version, expected=before, values=values)

    def standings(self) -> Iterator[Standing]:
        for row in self._run.rows(STANDINGS, {}):
            yield record(Standing, row)
