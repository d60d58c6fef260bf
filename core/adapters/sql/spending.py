"""The port Spending: one row a day and scope, whose lock orders those who add to it."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.adapters.sql.moves import PerEngine
from core.adapters.sql.prepared import Prepared, Row, Statement, listed, one_of
from core.adapters.sql.tables import spending
from core.ports import Spent

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def _more(insert: "sqlite.Insert | postgresql.Insert") -> "sqlite.Insert | postgresql.Insert":
    more = {name: spending.c[name] + insert.excluded[name] for name in Spent.__struct_fields__}
    return insert.on_conflict_do_update(index_elements=["day", "scope"], set_=more)


MORE = PerEngine(lambda insert: _more(insert(spending)))
OF_DAY = select(spending.c.scope, spending.c.sent, spending.c.verified).where(spending.c.day == bindparam("wanted"))


class SqlSpending:
    """What sending codes costs."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def add(self, day: date, scopes: Sequence[str], spent: Spent) -> Mapping[str, Spent]:
        self.post(day, scopes, spent)
        return _by_scope(self._run.rows(_of_scopes(len(scopes)), {"wanted": day.isoformat(), **listed(scopes)}))

    def post(self, day: date, scopes: Sequence[str], spent: Spent) -> None:
        for scope in scopes:
            values = {"day": day.isoformat(), "scope": scope, "sent": spent.sent, "verified": spent.verified}
            self._run.write(MORE[self._run.dialect.name], values)

    def of_day(self, day: date) -> Mapping[str, Spent]:
        return _by_scope(self._run.rows(OF_DAY, {"wanted": day.isoformat()}))


@lru_cache
def _of_scopes(count: int) -> Statement:
    return OF_DAY.where(one_of(spending.c.scope, count))


def _by_scope(rows: Sequence[Row]) -> Mapping[str, Spent]:
    return {scope: Spent(sent, verified) for scope, sent, verified in rows}
