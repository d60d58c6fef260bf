"""The port Journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, bindparam, case, func, insert, select, union

from core.adapters.sql.prepared import Prepared
from core.adapters.sql.tables import BOUNCED, events, recoveries
from core.ports import REASONED, Act, Actor, Event, Tally, Written

EVENT = tuple(events.c[name] for name in Event.__struct_fields__)
WRITE = insert(events).inline()
OF_CASE = select(*EVENT).where(events.c.case == bindparam("number")).order_by(events.c.id)

LINE = select(events.c.id, *EVENT)
LATEST = LINE.order_by(events.c.id.desc()).limit(bindparam("most"))
CASE_HISTORY = LATEST.where(events.c.case == bindparam("number"))
BOUNCES = LATEST.where(BOUNCED)
# Two indices, one each: put together by OR, PostgreSQL would read the whole journal.
WHOSE = union(
    select(events.c.id).where(events.c.voter == bindparam("whose")),
    select(events.c.id)
    .join(recoveries, recoveries.c.number == events.c.case)
    .where(recoveries.c.voter == bindparam("whose")),
)
VOTER_HISTORY = LATEST.where(events.c.id.in_(WHOSE))
LAST = select(func.max(events.c.id))
FROM_LINE = select(events.c.id, events.c.at).where(events.c.id >= bindparam("line")).order_by(events.c.id).limit(1)

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
        self._run.write(WRITE, msgspec.structs.asdict(event))

    def of_case(self, number: str) -> list[Event]:
        rows = self._connection.execute(OF_CASE, {"number": number})
        return [_event(dict(row._mapping)) for row in rows]  # noqa: SLF001  # SQLAlchemy's way to a mapping

    def case_history(self, number: str, limit: int) -> list[Written]:
        return self._written(CASE_HISTORY, {"number": number, "most": limit})[::-1]

    def voter_history(self, voter: int, limit: int) -> list[Written]:
        return self._written(VOTER_HISTORY, {"whose": voter, "most": limit})[::-1]

    def bounced(self, limit: int) -> list[Written]:
        return self._written(BOUNCES, {"most": limit})

    def line_at(self, moment: datetime) -> int:
        """By halving: moments grow with the lines, but for those written in the same instant."""
        below, above = 0, (self._connection.execute(LAST).scalar_one() or 0) + 1
        while above - below > 1:
            middle = (below + above) // 2
            row = self._connection.execute(FROM_LINE, {"line": middle}).first()
            if row is not None and row.at < moment:
                below = row.id if row.id < above else middle
            else:
                above = middle
        return below

    def _written(self, lines: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> list[Written]:
        rows = (dict(row._mapping) for row in self._connection.execute(lines, values))  # noqa: SLF001  # SQLAlchemy's way to a mapping
        return [Written(row.pop("id"), _event(row)) for row in rows]

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
