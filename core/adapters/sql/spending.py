"""The port Spending: one row a day and scope, whose lock orders those who add to it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, select

from core.adapters.sql.moves import PerEngine
from core.adapters.sql.prepared import Prepared
from core.adapters.sql.tables import spending
from core.ports import Exhausted, Spent

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def _added(
    insert: "sqlite.Insert | postgresql.Insert", where: ColumnElement[bool] | None = None
) -> "sqlite.Insert | postgresql.Insert":
    """To what there is, where that holds of it."""
    more = {name: spending.c[name] + insert.excluded[name] for name in Spent.__struct_fields__}
    return insert.on_conflict_do_update(index_elements=["day", "scope"], set_=more, where=where)


LEFT = spending.c.sent < bindparam("most") + bindparam("more") * spending.c.verified
ADD = PerEngine(lambda insert: _added(insert(spending)))
SPEND = PerEngine(lambda insert: _added(insert(spending), where=LEFT))
OF_DAY = select(spending.c.scope, spending.c.sent, spending.c.verified).where(spending.c.day == bindparam("wanted"))


class SqlSpending:
    """What sending codes costs."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def add(self, day: date, scope: str, spent: Spent) -> None:
        values = {"day": day.isoformat(), "scope": scope, "sent": spent.sent, "verified": spent.verified}
        self._run.write(ADD[self._run.dialect.name], values)

    def spend(self, day: date, scope: str, *, most: int, more: int) -> None:
        values = {"day": day.isoformat(), "scope": scope, "sent": 1, "verified": 0, "most": most, "more": more}
        self._run.write(SPEND[self._run.dialect.name], values, unless=Exhausted)

    def of_day(self, day: date) -> Mapping[str, Spent]:
        rows = self._run.rows(OF_DAY, {"wanted": day.isoformat()})
        return {scope: Spent(sent, verified) for scope, sent, verified in rows}
