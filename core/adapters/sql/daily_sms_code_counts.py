"""The port DailySmsCodeCountsByScope: one row a day and scope, whose lock orders those who add to it."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import bindparam, not_, select

from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import OF_A_NETWORK, spending
from core.adapters.sql.upsert import upsert
from core.ports import SentAndEnteredCodeCounts

NEW = upsert(spending)
SUMS = {name: spending.c[name] + NEW.excluded[name] for name in SentAndEnteredCodeCounts.__struct_fields__}
ADD = NEW.on_conflict_do_update(index_elements=["day", "scope"], set_=SUMS)
COUNT = ADD.returning(spending.c.sent, spending.c.verified)
OF_DAY = select(spending.c.scope, spending.c.sent, spending.c.verified).where(
    spending.c.day == bindparam("wanted"), not_(OF_A_NETWORK)
)
OF_SCOPE = select(spending.c.sent, spending.c.verified).where(
    spending.c.day == bindparam("wanted"), spending.c.scope == bindparam("of_scope")
)


class SqlDailySmsCodeCountsByScope(SqlPort):
    """Counts of codes sent."""

    def add(self, day: date, scope: str, spent: SentAndEnteredCodeCounts) -> None:
        values = {"day": day.isoformat(), "scope": scope, "sent": spent.sent, "verified": spent.verified}
        self._run.write(ADD, values)

    def increment_sent(self, day: date, scope: str) -> SentAndEnteredCodeCounts:
        return SentAndEnteredCodeCounts(
            *self._run.one(COUNT, {"day": day.isoformat(), "scope": scope, "sent": 1, "verified": 0})
        )

    def of_scope(self, day: date, scope: str) -> SentAndEnteredCodeCounts:
        row = self._run.row(OF_SCOPE, {"wanted": day.isoformat(), "of_scope": scope})
        return SentAndEnteredCodeCounts() if row is None else SentAndEnteredCodeCounts(*row)

    def of_day(self, day: date) -> Mapping[str, SentAndEnteredCodeCounts]:
        rows = self._run.rows(OF_DAY, {"wanted": day.isoformat()})
        return {scope: SentAndEnteredCodeCounts(sent, verified) for scope, sent, verified in rows}
