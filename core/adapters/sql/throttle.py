"""The port Throttle: one row a counter, so that any number of workers share the count exactly (rule 13)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, case, delete, or_, select, update

from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import counters
from core.adapters.sql.upsert import Insert, upsert
from core.ports import LimitReached, ThrottleCounterValue, ThrottleVerdict, next_verdict

OVER = counters.c.began <= bindparam("floor")
"""The condition that the counter's window has ended and another begins."""


def _count_one_more(where: ColumnElement[bool] | None = None) -> Insert:
    new = upsert(counters)
    began = case((OVER, new.excluded.began), else_=counters.c.began)
    number = case((OVER, 1), else_=counters.c.count + 1)
    return new.on_conflict_do_update(index_elements=["bucket"], set_={"began": began, "count": number}, where=where)


TAKE = _count_one_more().returning(counters.c.began, counters.c.count)
SPEND = _count_one_more(where=or_(OVER, counters.c.count < bindparam("most")))
PEEK = select(counters.c.began, counters.c.count).where(counters.c.bucket == bindparam("wanted"))
GIVE_BACK = (
    update(counters)
    .where(counters.c.bucket == bindparam("wanted"), counters.c.count > 0)
    .values(count=counters.c.count - 1)
)
FORGET = delete(counters).where(counters.c.bucket == bindparam("wanted"))


class SqlThrottle(SqlPort):
    """The exact counters of the limits."""

    def count_or_refuse(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        values = {"bucket": bucket, "began": now, "count": 1, "floor": now - window}
        began, count = self._run.one(TAKE, values)
        return ThrottleVerdict(left=limit - count, until=began + window)

    def count_or_raise(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        values = {"bucket": bucket, "began": now, "count": 1, "floor": now - window, "most": limit}
        self._run.write(SPEND, values, if_no_row=LimitReached)

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        counted = self._run.struct(ThrottleCounterValue, PEEK, {"wanted": bucket})
        return next_verdict(counted, limit=limit, window=window, now=now)

    def give_back(self, bucket: bytes) -> None:
        self._run.write(GIVE_BACK, {"wanted": bucket})

    def reset(self, bucket: bytes) -> None:
        self._run.write(FORGET, {"wanted": bucket})
