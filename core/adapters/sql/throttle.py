"""The port Throttle: one row a counter, so that any number of workers share the count exactly (rule 13)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, case, delete, or_, select, update

from core.adapters.sql.moves import PerEngine
from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.tables import counters
from core.ports import Counted, Exhausted, Verdict, foreseen

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


OVER = counters.c.began <= bindparam("floor")
"""The window is: another begins."""


def _count(
    insert: "sqlite.Insert | postgresql.Insert", where: ColumnElement[bool] | None = None
) -> "sqlite.Insert | postgresql.Insert":
    """One more, where that holds of a counter that there is."""
    began = case((OVER, insert.excluded.began), else_=counters.c.began)
    number = case((OVER, 1), else_=counters.c.count + 1)
    return insert.on_conflict_do_update(index_elements=["bucket"], set_={"began": began, "count": number}, where=where)


TAKE = PerEngine(lambda insert: _count(insert(counters)).returning(counters.c.began, counters.c.count))
SPEND = PerEngine(lambda insert: _count(insert(counters), where=or_(OVER, counters.c.count < bindparam("most"))))
PEEK = select(counters.c.began, counters.c.count).where(counters.c.bucket == bindparam("wanted"))
GIVE_BACK = (
    update(counters)
    .where(counters.c.bucket == bindparam("wanted"), counters.c.count > 0)
    .values(count=counters.c.count - 1)
)
FORGET = delete(counters).where(counters.c.bucket == bindparam("wanted"))


class SqlThrottle:
    """Exact counters."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def take(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        values = {"bucket": bucket, "began": now, "count": 1, "floor": now - window}
        began, count = self._run.one(TAKE[self._run.dialect.name], values)
        return Verdict(left=limit - count, until=began + window)

    def spend(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        values = {"bucket": bucket, "began": now, "count": 1, "floor": now - window, "most": limit}
        self._run.write(SPEND[self._run.dialect.name], values, unless=Exhausted)

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        row = self._run.row(PEEK, {"wanted": bucket})
        return foreseen(None if row is None else record(Counted, row), limit=limit, window=window, now=now)

    def give_back(self, bucket: bytes) -> None:
        self._run.write(GIVE_BACK, {"wanted": bucket})

    def forget(self, bucket: bytes) -> None:
        self._run.write(FORGET, {"wanted": bucket})
