"""The port ApprovalRequestRepository: each row carries a tag, and is moved by compare-and-swap on its version."""

from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, insert, literal_column, select

from core.adapters.sql.driver_statement_executor import Row, Values
from core.adapters.sql.protected_tables import MAC, SIGNATURE_REQUESTS
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import SIGNATURE_AWAITED, signature_requests
from core.ports import ApprovalRequest

ADD = insert(signature_requests)
NAMES = ApprovalRequest.__struct_fields__
COLUMNS = select(*(signature_requests.c[name] for name in (*NAMES, MAC)))
BY_ID = COLUMNS.where(signature_requests.c.id == bindparam("wanted"))
WAITING = (
    COLUMNS.where(SIGNATURE_AWAITED, signature_requests.c.until > bindparam("now"))
    .order_by(signature_requests.c.asked, signature_requests.c.id)
    .limit(bindparam("most"))
)
OPEN_OF = COLUMNS.where(
    signature_requests.c.agent == bindparam("wanted"),
    signature_requests.c.until > bindparam("now"),
    signature_requests.c.state.in_(map(literal_column, ("'waiting'", "'accepted'"))),
).order_by(signature_requests.c.asked, signature_requests.c.id)
covered_values = itemgetter(*map(NAMES.index, SIGNATURE_REQUESTS.covered))


class SqlApprovalRequests(SqlPort):
    """The requests for a supervisor's approval."""

    def add(self, request: ApprovalRequest) -> None:
        self._run.write(ADD, self._rows.with_mac(SIGNATURE_REQUESTS, msgspec.structs.asdict(request)))

    def by_id(self, request: str) -> ApprovalRequest | None:
        row = self._run.row(BY_ID, {"wanted": request})
        return None if row is None else self._request(row)

    def waiting(self, now: datetime, limit: int) -> list[ApprovalRequest]:
        return self._listed(WAITING, {"now": now, "most": limit})

    def answerable_or_usable_of(self, agent: str, now: datetime) -> list[ApprovalRequest]:
        return self._listed(OPEN_OF, {"wanted": agent, "now": now})

    def _listed(self, statement: Select[Any], values: Values) -> list[ApprovalRequest]:
        found = map(self._request, self._run.rows(statement, values))
        return [request for request in found if request is not None]

    def change(self, former: ApprovalRequest, request: ApprovalRequest) -> None:
        changed = msgspec.structs.replace(request, id=former.id, version=former.version + 1)
        values = self._rows.with_mac(SIGNATURE_REQUESTS, msgspec.structs.asdict(changed))
        key, version = signature_requests.c.id, signature_requests.c.version
        del values["id"]
        self._compare_and_swap(key, former.id, version=version, expected=former.version, values=values)

    def _request(self, row: Row) -> ApprovalRequest | None:
        if not self._rows.has_valid_tag_or_alarm(SIGNATURE_REQUESTS, covered_values(row), row[-1]):
            return None
        return msgspec.convert(dict(zip(NAMES, row, strict=False)), ApprovalRequest)
