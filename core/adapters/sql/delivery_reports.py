"""The port DeliveryReportRepository. The keys admit one report of a kind for a message, and an answer once."""

from datetime import datetime

from sqlalchemy import bindparam, delete

from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import answers, reports
from core.adapters.sql.upsert import upsert
from core.ports import SmsDeliveryStatus

NOTE = upsert(reports).on_conflict_do_nothing().returning(reports.c.at)
HEAR = upsert(answers).on_conflict_do_nothing().returning(answers.c.at)
FORGET = delete(answers).where(answers.c.digest == bindparam("wanted"))


class SqlDeliveryReports(SqlPort):
    """Delivery reports, and answers already handled."""

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool:
        return self._run.row(NOTE, {"parcel": message_id, "delivery": delivery, "at": at}) is not None

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        return self._run.row(HEAR, {"digest": answer, "at": at}) is not None

    def forget_answer(self, answer: bytes) -> None:
        self._run.write(FORGET, {"wanted": answer})
