"""The port Links: from a token's digest to its case."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from core.adapters.sql.tables import links
from core.ports import LinkRecord


class SqlLinks:
    """The index of links."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, link: LinkRecord) -> None:
        self._connection.execute(insert(links).values(msgspec.structs.asdict(link)))

    def find(self, digest: bytes) -> LinkRecord | None:
        row = self._connection.execute(select(links).where(links.c.digest == digest)).one_or_none()
        return None if row is None else LinkRecord(**row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        living = select(func.count()).where(links.c.voter == voter, links.c.expires > now, links.c.epoch == epoch)
        return self._connection.execute(living).scalar_one()

    def observe(self, digest: bytes, at: datetime) -> bool:
        first = update(links).where(links.c.digest == digest, links.c.opened.is_(None)).values(opened=at)
        return self._connection.execute(first).rowcount == 1
