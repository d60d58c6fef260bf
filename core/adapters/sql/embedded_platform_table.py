"""The port EmbeddedPlatformTable: the table of the embedded voting platform."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import bindparam, select

from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import registry
from core.adapters.sql.upsert import upsert
from core.ports import ConflictError
from core.ports.voting_platform import EmbeddedPlatformAccount, PlatformAccount

FIND = select(*(registry.c[name] for name in EmbeddedPlatformAccount.__struct_fields__)).where(
    registry.c.voter == bindparam("wanted")
)
FIRST = upsert(registry).on_conflict_do_nothing()
ACCOUNTS = select(*(registry.c[name] for name in PlatformAccount.__struct_fields__)).order_by(registry.c.voter)


class SqlEmbeddedPlatformTable(SqlPort):
    """The accounts of the embedded voting platform."""

    def find(self, voter: str) -> EmbeddedPlatformAccount | None:
        return self._run.struct(EmbeddedPlatformAccount, FIND, {"wanted": voter})

    def save(self, registered: EmbeddedPlatformAccount) -> None:
        values = msgspec.structs.asdict(registered)
        if registered.version == 1:
            self._run.write(FIRST, values, if_no_row=ConflictError)
            return
        key, version, before = registry.c.voter, registry.c.version, registered.version - 1
        self._compare_and_swap(key, registered.voter, version=version, expected=before, values=values)

    def accounts(self) -> Iterator[PlatformAccount]:
        yield from self._run.structs(PlatformAccount, ACCOUNTS, {})
