"""The port Journal."""

import msgspec
from sqlalchemy import Connection, insert, select

from core.adapters.sql.tables import events
from core.ports import Event

EVENT = tuple(events.c[name] for name in Event.__struct_fields__)


class SqlJournal:
    """What happened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, event: Event) -> None:
        self._connection.execute(insert(events).values(msgspec.structs.asdict(event)))

    def of_case(self, number: str) -> list[Event]:
        rows = self._connection.execute(select(*EVENT).where(events.c.case == number).order_by(events.c.id))
        return [Event(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's way to a mapping
