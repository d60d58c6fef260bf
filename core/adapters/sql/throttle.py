"""The port Throttle: one row a counter, so that any number of workers share the count exactly (rule 13)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, literal, select

from core.adapters.sql.moves import upsert
from core.adapters.sql.tables import counters
from core.ports import Verdict


class SqlThrottle:
    """Exact counters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        over = counters.c.began <= now - window
        statement = (
            upsert(self._connection, counters)
            .values(bucket=bucket, began=now, count=1)
            .on_conflict_do_update(
                index_elements=["bucket"],
                set_={
                    "began": case((over, literal(now, counters.c.began.type)), else_=counters.c.began),
                    "count": case((over, 1), else_=counters.c.count + 1),
                },
            )
            .returning(counters.c.began, counters.c.count)
        )
        began, count = self._connection.execute(statement).one()
        return Verdict(left=limit - count, until=began + window)

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        present = select(counters.c.began, counters.c.count).where(counters.c.bucket == bucket)
        row = self._connection.execute(present).one_or_none()
        if row is None:
            return Verdict(left=limit - 1, until=now + window)
        began, count = row
        if began <= now - window:
            return Verdict(left=limit - 1, until=now + window)
        return Verdict(left=limit - count - 1, until=began + window)

    def forget(self, bucket: bytes) -> None:
        self._connection.execute(delete(counters).where(counters.c.bucket == bucket))
