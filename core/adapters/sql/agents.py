from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, insert, literal_column, select, update

from core.adapters.sql.compare_and_swap import compare_and_swap, swap_in_epoch
from core.adapters.sql.protected_tables import AGENTS, MAC, SIGNATURE_REQUESTS, columns_of_struct
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import SIGNATURE_AWAITED, agents, signature_requests
from core.adapters.sql.upsert import upsert
from core.ports import Agent, AgentRole, ApprovalRequest

INSERT_AGENT = upsert(agents).on_conflict_do_nothing(index_elements=["name"]).returning(agents.c.id)
UPDATE_AGENT = update(agents).where(agents.c.id == bindparam("who"))
AGENT = select(*columns_of_struct(AGENTS, Agent))
AGENT_BY_NAME = AGENT.where(agents.c.name == bindparam("wanted"))
ALL_AGENTS = AGENT.order_by(agents.c.name)
ACCEPT_TOTP_STEP = update(agents).where(agents.c.id == bindparam("who"), agents.c.step < bindparam("before"))


@dataclass(frozen=True, slots=True)
class SqlAgentAccounts:
    connection: Connection
    rows: RowAuthenticator

    def add(self, name: str, *, role: AgentRole, password_hash: str, secret: bytes, at: datetime) -> bool:
        given = {"name": name, "role": role, "password": password_hash, "secret": secret, "added": at}
        values = {**given, "first": True, "step": 0, "epoch": 0, "removed": None}
        added = self.connection.execute(INSERT_AGENT, values).scalar()
        if added is not None:  # the tag covers the number
            mac = self.rows.with_mac(AGENTS, {**values, "id": added})[MAC]
            self.connection.execute(UPDATE_AGENT, {"who": added, "mac": mac})
        return added is not None

    def by_name(self, name: str) -> Agent | None:
        return self.rows.open_struct(Agent, AGENTS, self.connection.execute(AGENT_BY_NAME, {"wanted": name}).first())

    def all(self) -> list[Agent]:
        found = (self.rows.open_struct(Agent, AGENTS, row) for row in self.connection.execute(ALL_AGENTS))
        return [agent for agent in found if agent is not None]

    def accept_totp_step(self, agent: int, step: int) -> bool:
        return self.connection.execute(ACCEPT_TOTP_STEP, {"who": agent, "before": step, "step": step}).rowcount == 1

    def set_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None:
        swap_in_epoch(
            self.connection,
            self.rows,
            AGENTS,
            agent,
            epoch=epoch,
            values={"password": password_hash, "first": False, "epoch": epoch + 1},
        )

    def store_rehashed_password(self, agent: int, password_hash: str, *, epoch: int) -> None:
        swap_in_epoch(self.connection, self.rows, AGENTS, agent, epoch=epoch, values={"password": password_hash})

    def store_resealed_secret(self, agent: int, secret: bytes, *, epoch: int) -> None:
        swap_in_epoch(self.connection, self.rows, AGENTS, agent, epoch=epoch, values={"secret": secret})

    def reset_credentials(self, agent: int, *, role: AgentRole, password_hash: str, secret: bytes, epoch: int) -> None:
        anew = {"first": True, "step": 0, "removed": None, "epoch": epoch + 1}
        swap_in_epoch(
            self.connection,
            self.rows,
            AGENTS,
            agent,
            epoch=epoch,
            values={"role": role, "password": password_hash, "secret": secret, **anew},
        )

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        swap_in_epoch(
            self.connection, self.rows, AGENTS, agent, epoch=epoch, values={"removed": at, "epoch": epoch + 1}
        )


INSERT_REQUEST = insert(signature_requests)
REQUEST = select(*SIGNATURE_REQUESTS.columns)
REQUEST_BY_ID = REQUEST.where(signature_requests.c.id == bindparam("wanted"))
WAITING_REQUESTS = (
    REQUEST.where(SIGNATURE_AWAITED, signature_requests.c.until > bindparam("now"))
    .order_by(signature_requests.c.asked, signature_requests.c.id)
    .limit(bindparam("most"))
)
OPEN_REQUESTS_OF_AGENT = REQUEST.where(
    signature_requests.c.agent == bindparam("wanted"),
    signature_requests.c.until > bindparam("now"),
    signature_requests.c.state.in_(map(literal_column, ("'waiting'", "'accepted'"))),
).order_by(signature_requests.c.asked, signature_requests.c.id)


@dataclass(frozen=True, slots=True)
class SqlApprovalRequests:
    connection: Connection
    rows: RowAuthenticator

    def add(self, request: ApprovalRequest) -> None:
        self.connection.execute(INSERT_REQUEST, self.rows.with_mac(SIGNATURE_REQUESTS, msgspec.structs.asdict(request)))

    def by_id(self, request: str) -> ApprovalRequest | None:
        return self._request(self.connection.execute(REQUEST_BY_ID, {"wanted": request}).first())

    def waiting(self, now: datetime, limit: int) -> list[ApprovalRequest]:
        return self._listed(WAITING_REQUESTS, {"now": now, "most": limit})

    def answerable_or_usable_of(self, agent: str, now: datetime) -> list[ApprovalRequest]:
        return self._listed(OPEN_REQUESTS_OF_AGENT, {"wanted": agent, "now": now})

    def _listed(self, statement: Select[Any], values: Mapping[str, object]) -> list[ApprovalRequest]:
        found = map(self._request, self.connection.execute(statement, values))
        return [request for request in found if request is not None]

    def change(self, former: ApprovalRequest, request: ApprovalRequest) -> None:
        changed = msgspec.structs.replace(request, id=former.id, version=former.version + 1)
        values = self.rows.with_mac(SIGNATURE_REQUESTS, msgspec.structs.asdict(changed))
        key, version = signature_requests.c.id, signature_requests.c.version
        del values["id"]
        compare_and_swap(self.connection, key, former.id, version=version, expected=former.version, values=values)

    def _request(self, row: Row[Any] | None) -> ApprovalRequest | None:
        return self.rows.open_struct(ApprovalRequest, SIGNATURE_REQUESTS, row)
