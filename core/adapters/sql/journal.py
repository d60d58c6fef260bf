"""The port Journal."""

from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from core.adapters.sql.tables import events
from core.ports import Act, Actor, Event

EVENT = tuple(events.c[name] for name in Event.__struct_fields__)
OF_CASE = select(*EVENT).where(events.c.case == bindparam("number")).order_by(events.c.id)


class SqlJournal:
    """What happened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, event: Event) -> None:
        self._connection.execute(insert(events), msgspec.structs.asdict(event))

    def of_case(self, number: str) -> list[Event]:
        rows = self._connection.execute(OF_CASE, {"number": number})
        return [_event(dict(row._mapping)) for row in rows]  # noqa: SLF001  # SQLAlchemy's way to a mapping


def _event(columns: dict[str, Any]) -> Event:
    return Event(**{**columns, "actor": Actor(columns["actor"]), "act": Act(columns["act"])})
