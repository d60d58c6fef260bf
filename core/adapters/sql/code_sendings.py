"""The port CodeSendingRepository: one row a sending."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from core.adapters.sql.driver_statement_executor import struct_of_row
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import code_sendings
from core.ports import CodeRequestOutcome, CodeSending

OF_VOTER = (
    select(code_sendings.c.id, code_sendings.c.phone, code_sendings.c.at, code_sendings.c.outcome)
    .where(code_sendings.c.voter == bindparam("of_voter"), code_sendings.c.at > bindparam("since"))
    .order_by(code_sendings.c.at, code_sendings.c.id)
)
ADD = insert(code_sendings).inline()
CHANGE = update(code_sendings).where(code_sendings.c.id == bindparam("sending"))
FORGET = delete(code_sendings).where(
    code_sendings.c.voter == bindparam("of_voter"), code_sendings.c.at <= bindparam("until")
)


class SqlCodeSendings(SqlPort):
    """The sendings of codes."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        rows = self._run.rows(OF_VOTER, {"of_voter": voter, "since": since})
        return [struct_of_row(CodeSending, row, outcome=CodeRequestOutcome) for row in rows]

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None:
        self._run.write(ADD, {"voter": voter, "phone": phone_digest, "at": at, "outcome": outcome})

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None:
        self._run.write(CHANGE, {"sending": sending, "at": at, "outcome": outcome})

    def forget(self, voter: int, until: datetime) -> None:
        self._run.write(FORGET, {"of_voter": voter, "until": until})
