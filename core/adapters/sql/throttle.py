"""Counts attempts in the database, so that limits hold across processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, or_, select, update

from core.adapters.sql.structs import struct_or_none
from core.adapters.sql.tables import counters
from core.adapters.sql.upsert import Insert, upsert
from core.ports import LimitReached, ThrottleCounterValue, ThrottleVerdict, next_verdict

WINDOW_IS_OVER = counters.c.began <= bindparam("floor")


def _count_one_more(where: ColumnElement[bool] | None = None) -> Insert:
    new = upsert(counters)
    began = case((WINDOW_IS_OVER, new.excluded.began), else_=counters.c.began)
    number = case((WINDOW_IS_OVER, 1), else_=counters.c.count + 1)
    return new.on_conflict_do_update(index_elements=["bucket"], set_={"began": began, "count": number}, where=where)


COUNT_ALWAYS = _count_one_more().returning(counters.c.began, counters.c.count)
COUNT_UP_TO_LIMIT = _count_one_more(where=or_(WINDOW_IS_OVER, counters.c.count < bindparam("most"))).returning(
    counters.c.count
)
FIND_COUNTER = select(counters.c.began, counters.c.count).where(counters.c.bucket == bindparam("wanted"))
UNCOUNT = (
    update(counters)
    .where(counters.c.bucket == bindparam("wanted"), counters.c.count > 0)
    .values(count=counters.c.count - 1)
)
DELETE_COUNTER = delete(counters).where(counters.c.bucket == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlThrottle:
    connection: Connection

    def count_or_refuse(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        values = {"bucket": bucket, "began": now, "count": 1, "floor": now - window}
        began, count = self.connection.execute(COUNT_ALWAYS, values).one()
        return ThrottleVerdict(left=limit - count, until=began + window)

    def count_or_raise(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        values = {"bucket": bucket, "began": now, "count": 1, "floor": now - window, "most": limit}
        if self.connection.execute(COUNT_UP_TO_LIMIT, values).first() is None:
            raise LimitReached

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        counted = struct_or_none(
            ThrottleCounterValue, self.connection.execute(FIND_COUNTER, {"wanted": bucket}).first()
        )
        return next_verdict(counted, limit=limit, window=window, now=now)

    def give_back(self, bucket: bytes) -> None:
        self.connection.execute(UNCOUNT, {"wanted": bucket})

    def reset(self, bucket: bytes) -> None:
        self.connection.execute(DELETE_COUNTER, {"wanted": bucket})
