"""The port Reports: a row a kind of report and parcel, and a row an answer; the key makes each of them one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.sql.dml import ReturningInsert

from core.adapters.sql.moves import PerEngine
from core.adapters.sql.prepared import Prepared
from core.adapters.sql.tables import answers, reports
from core.ports import Delivery

OF_PARCEL = select(reports.c.delivery, reports.c.at).where(reports.c.parcel == bindparam("wanted"))

FORGET = delete(answers).where(answers.c.digest == bindparam("wanted"))


class SqlReports:
    """What operators said, and which answers were heard."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def note(self, parcel: int, delivery: Delivery, at: datetime) -> bool:
        return self._once(reports, {"parcel": parcel, "delivery": delivery, "at": at})

    def of_parcel(self, parcel: int) -> Mapping[Delivery, datetime]:
        rows = self._run.rows(OF_PARCEL, {"wanted": parcel})
        return {Delivery(delivery): at for delivery, at in rows}

    def hear(self, answer: bytes, at: datetime) -> bool:
        return self._once(answers, {"digest": answer, "at": at})

    def forget(self, answer: bytes) -> None:
        self._run.write(FORGET, {"wanted": answer})

    def _once(self, table: Table, values: Mapping[str, object]) -> bool:
        return self._run.row(ONCE[table.name][self._run.dialect.name], values) is not None


def _once(table: Table) -> PerEngine[ReturningInsert[Any]]:
    return PerEngine(lambda insert: insert(table).on_conflict_do_nothing().returning(table.c.at))


ONCE = {table.name: _once(table) for table in (reports, answers)}
