"""The port Spending: one row a day and scope, whose lock orders those who add to it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.sql.dml import ReturningInsert

from core.adapters.sql.moves import PerEngine
from core.adapters.sql.prepared import Prepared
from core.adapters.sql.tables import spending
from core.ports import Spent

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def _add(insert: "sqlite.Insert | postgresql.Insert") -> ReturningInsert[int, int]:
    more = {name: spending.c[name] + insert.excluded[name] for name in Spent.__struct_fields__}
    added = insert.on_conflict_do_update(index_elements=["day", "scope"], set_=more)
    return added.returning(spending.c.sent, spending.c.verified)


ADD = PerEngine(lambda insert: _add(insert(spending)))
OF_DAY = select(spending.c.scope, spending.c.sent, spending.c.verified).where(spending.c.day == bindparam("wanted"))


class SqlSpending:
    """What sending codes costs."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def add(self, day: date, scope: str, spent: Spent) -> Spent:
        values = {"day": day.isoformat(), "scope": scope, "sent": spent.sent, "verified": spent.verified}
        return Spent(*self._run.one(ADD[self._run.dialect.name], values))

    def of_day(self, day: date) -> Mapping[str, Spent]:
        rows = self._run.rows(OF_DAY, {"wanted": day.isoformat()})
        return {scope: Spent(sent, verified) for scope, sent, verified in rows}
