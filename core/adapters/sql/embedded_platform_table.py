from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.compare_and_swap import compare_and_swap
from core.adapters.sql.structs import struct_or_none, structs_of_rows
from core.adapters.sql.tables import registry
from core.adapters.sql.upsert import upsert
from core.ports import ConflictError
from core.ports.voting_platform import EmbeddedPlatformAccount, PlatformAccount

FIND_ACCOUNT = select(*(registry.c[name] for name in EmbeddedPlatformAccount.__struct_fields__)).where(
    registry.c.voter == bindparam("wanted")
)
INSERT_ACCOUNT = upsert(registry).on_conflict_do_nothing().returning(registry.c.voter)
ALL_ACCOUNTS = select(*(registry.c[name] for name in PlatformAccount.__struct_fields__)).order_by(registry.c.voter)


@dataclass(frozen=True, slots=True)
class SqlEmbeddedPlatformTable:
    connection: Connection

    def find(self, voter: str) -> EmbeddedPlatformAccount | None:
        return struct_or_none(EmbeddedPlatformAccount, self.connection.execute(FIND_ACCOUNT, {"wanted": voter}).first())

    def save(self, registered: EmbeddedPlatformAccount) -> None:
        values = msgspec.structs.asdict(registered)
        if registered.version == 1:
            if self.connection.execute(INSERT_ACCOUNT, values).first() is None:
                raise ConflictError
            return
        key, version, before = registry.c.voter, registry.c.version, registered.version - 1
        compare_and_swap(self.connection, key, registered.voter, version=version, expected=before, values=values)

    def accounts(self) -> Iterator[PlatformAccount]:
        yield from structs_of_rows(PlatformAccount, self.connection.execute(ALL_ACCOUNTS))
