"""The port Links: from a token's digest to its case."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from core.adapters.sql.tables import links
from core.ports import LinkRecord

FIND = select(links).where(links.c.digest == bindparam("wanted"))
ALIVE = select(func.count()).where(
    links.c.voter == bindparam("of_voter"), links.c.expires > bindparam("now"), links.c.epoch == bindparam("in_epoch")
)
OBSERVE = update(links).where(links.c.digest == bindparam("wanted"), links.c.opened.is_(None))

USE = update(links).where(links.c.digest == bindparam("wanted"))


class SqlLinks:
    """The index of links."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, link: LinkRecord) -> None:
        self._connection.execute(insert(links), msgspec.structs.asdict(link))

    def find(self, digest: bytes) -> LinkRecord | None:
        row = self._connection.execute(FIND, {"wanted": digest}).one_or_none()
        return None if row is None else LinkRecord(**row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        values = {"of_voter": voter, "in_epoch": epoch, "now": now}
        return self._connection.execute(ALIVE, values).scalar_one()

    def observe(self, digest: bytes, at: datetime) -> bool:
        return self._connection.execute(OBSERVE, {"wanted": digest, "opened": at}).rowcount == 1

    def use(self, digest: bytes, at: datetime) -> None:
        self._connection.execute(USE, {"wanted": digest, "used": at})
