"""The port CodeSendings: one row a sending."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from core.adapters.sql.driver_statement_executor import DriverStatementExecutor
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


class SqlCodeSendings:
    """The sendings of codes."""

    def __init__(self, run: DriverStatementExecutor) -> None:
        self._run = run

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        rows = self._run.rows(OF_VOTER, {"of_voter": voter, "since": since})
        return [
            CodeSending(id=key, phone=phone, at=at, outcome=CodeRequestOutcome(name)) for key, phone, at, name in rows
        ]

    def add(self, voter: int, phone: bytes, at: datetime, outcome: CodeRequestOutcome) -> None:
        self._run.write(ADD, {"voter": voter, "phone": phone, "at": at, "outcome": outcome})

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None:
        self._run.write(CHANGE, {"sending": sending, "at": at, "outcome": outcome})

    def forget(self, voter: int, until: datetime) -> None:
        self._run.write(FORGET, {"of_voter": voter, "until": until})
