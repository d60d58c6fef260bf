"""The port Journal."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, case, func, insert, select

from core.adapters.sql.prepared import Prepared
from core.adapters.sql.tables import events
from core.ports import REASONED, Act, Actor, Event, Tally

EVENT = tuple(events.c[name] for name in Event.__struct_fields__)
WRITE = insert(events)
OF_CASE = select(*EVENT).where(events.c.case == bindparam("number")).order_by(events.c.id)

NEW = events.c.id > bindparam("after")
FIRST_RECENT = case((events.c.at >= bindparam("recent"), events.c.id))
ENDS = select(func.max(events.c.id), func.min(FIRST_RECENT)).where(NEW)
REASON = case((events.c.act.in_(sorted(REASONED)), events.c.reason))
SETTLED = func.count(case((events.c.id <= bindparam("line"), 1)))
TALLY = select(events.c.act, REASON, SETTLED, func.count()).where(NEW).group_by(events.c.act, REASON)


class SqlJournal:
    """What happened."""

    def __init__(self, connection: Connection, run: Prepared) -> None:
        self._connection = connection
        self._run = run

    def write(self, event: Event) -> None:
        self._run.change(WRITE, msgspec.structs.asdict(event))

    def of_case(self, number: str) -> list[Event]:
        rows = self._connection.execute(OF_CASE, {"number": number})
        return [_event(dict(row._mapping)) for row in rows]  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def tally(self, *, after: int, recent: datetime) -> Tally:
        last, first_recent = self._connection.execute(ENDS, {"after": after, "recent": recent}).one()
        line = first_recent - 1 if first_recent is not None else last or after
        rows = self._connection.execute(TALLY, {"after": after, "line": line}).all()
        return Tally(
            line=line,
            settled={(act, reason): settled for act, reason, settled, _ in rows if settled},
            fresh={(act, reason): count - settled for act, reason, settled, count in rows if count > settled},
        )


def _event(columns: dict[str, Any]) -> Event:
    return Event(**{**columns, "actor": Actor(columns["actor"]), "act": Act(columns["act"])})
