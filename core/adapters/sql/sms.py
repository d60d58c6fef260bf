from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, insert, not_, select, update

from core.adapters.sql.structs import struct_or_none, structs_of_rows
from core.adapters.sql.tables import OF_A_NETWORK, answers, code_sendings, reports, spending
from core.adapters.sql.upsert import upsert
from core.ports import CodeCounts, CodeRequestOutcome, CodeSending, SmsDeliveryStatus

SENDINGS_OF_VOTER = (
    select(code_sendings.c.id, code_sendings.c.phone, code_sendings.c.at, code_sendings.c.outcome)
    .where(code_sendings.c.voter == bindparam("of_voter"), code_sendings.c.at > bindparam("since"))
    .order_by(code_sendings.c.at, code_sendings.c.id)
)
INSERT_SENDING = insert(code_sendings).inline()
UPDATE_SENDING = update(code_sendings).where(code_sendings.c.id == bindparam("sending"))
DELETE_SENDINGS = delete(code_sendings).where(
    code_sendings.c.voter == bindparam("of_voter"), code_sendings.c.at <= bindparam("until")
)


@dataclass(frozen=True, slots=True)
class SqlCodeSendings:
    connection: Connection

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        return structs_of_rows(
            CodeSending, self.connection.execute(SENDINGS_OF_VOTER, {"of_voter": voter, "since": since})
        )

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None:
        self.connection.execute(INSERT_SENDING, {"voter": voter, "phone": phone_digest, "at": at, "outcome": outcome})

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None:
        self.connection.execute(UPDATE_SENDING, {"sending": sending, "at": at, "outcome": outcome})

    def forget(self, voter: int, until: datetime) -> None:
        self.connection.execute(DELETE_SENDINGS, {"of_voter": voter, "until": until})


INSERT_COUNTS = upsert(spending)
SUMS = {name: spending.c[name] + INSERT_COUNTS.excluded[name] for name in CodeCounts.__struct_fields__}
ADD_COUNTS = INSERT_COUNTS.on_conflict_do_update(index_elements=["day", "scope"], set_=SUMS)
COUNT_SENT = ADD_COUNTS.returning(spending.c.sent, spending.c.verified)
COUNTS_OF_DAY = select(spending.c.scope, spending.c.sent, spending.c.verified).where(
    spending.c.day == bindparam("wanted"), not_(OF_A_NETWORK)
)
COUNTS_OF_SCOPE = select(spending.c.sent, spending.c.verified).where(
    spending.c.day == bindparam("wanted"), spending.c.scope == bindparam("of_scope")
)


@dataclass(frozen=True, slots=True)
class SqlDailyCodeCounts:
    connection: Connection

    def add(self, day: date, scope: str, spent: CodeCounts) -> None:
        values = {"day": day.isoformat(), "scope": scope, "sent": spent.sent, "verified": spent.verified}
        self.connection.execute(ADD_COUNTS, values)

    def increment_sent(self, day: date, scope: str) -> CodeCounts:
        return CodeCounts(
            *self.connection.execute(
                COUNT_SENT, {"day": day.isoformat(), "scope": scope, "sent": 1, "verified": 0}
            ).one()
        )

    def of_scope(self, day: date, scope: str) -> CodeCounts:
        counts = struct_or_none(
            CodeCounts,
            self.connection.execute(COUNTS_OF_SCOPE, {"wanted": day.isoformat(), "of_scope": scope}).first(),
        )
        return counts or CodeCounts()

    def of_day(self, day: date) -> Mapping[str, CodeCounts]:
        rows = self.connection.execute(COUNTS_OF_DAY, {"wanted": day.isoformat()}).all()
        return {scope: CodeCounts(sent, verified) for scope, sent, verified in rows}


INSERT_REPORT = upsert(reports).on_conflict_do_nothing().returning(reports.c.at)
INSERT_ANSWER = upsert(answers).on_conflict_do_nothing().returning(answers.c.at)
DELETE_ANSWER = delete(answers).where(answers.c.digest == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlDeliveryReports:
    connection: Connection

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool:
        return (
            self.connection.execute(INSERT_REPORT, {"parcel": message_id, "delivery": delivery, "at": at}).first()
            is not None
        )

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        return self.connection.execute(INSERT_ANSWER, {"digest": answer, "at": at}).first() is not None

    def forget_answer(self, answer: bytes) -> None:
        self.connection.execute(DELETE_ANSWER, {"wanted": answer})
