"""The port AgentAccountRepository."""

from datetime import datetime
from operator import itemgetter

from sqlalchemy import bindparam, select, update

from core.adapters.sql.driver_statement_executor import Row, struct_of_row
from core.adapters.sql.protected_tables import AGENTS, MAC
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import agents
from core.adapters.sql.upsert import upsert
from core.ports import Agent, AgentRole

ADD = upsert(agents).on_conflict_do_nothing(index_elements=["name"]).returning(agents.c.id)
NAMES = (*Agent.__struct_fields__, MAC)
COLUMNS = select(*(agents.c[name] for name in NAMES))
BY_NAME = COLUMNS.where(agents.c.name == bindparam("wanted"))
ALL = COLUMNS.order_by(agents.c.name)
covered_values = itemgetter(*map(NAMES.index, AGENTS.covered))
ACCEPT = update(agents).where(agents.c.id == bindparam("who"), agents.c.step < bindparam("before"))


class SqlAgentAccounts(SqlPort):
    """The agents' accounts. A row that is not authentic is as if it were not there."""

    def add(self, name: str, *, role: AgentRole, password_hash: str, secret: bytes, at: datetime) -> bool:
        given = {"name": name, "role": role, "password": password_hash, "secret": secret, "added": at}
        values = {**given, "first": True, "step": 0, "epoch": 0, "removed": None}
        return self._run.row(ADD, self._rows.with_mac(AGENTS, values)) is not None

    def by_name(self, name: str) -> Agent | None:
        row = self._run.row(BY_NAME, {"wanted": name})
        return None if row is None else self._agent(row)

    def all(self) -> list[Agent]:
        found = map(self._agent, self._run.rows(ALL, {}))
        return [agent for agent in found if agent is not None]

    def accept_totp_step(self, agent: int, step: int) -> bool:
        return self._run.change(ACCEPT, {"who": agent, "before": step, "step": step}) == 1

    def set_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None:
        self._swap_in_epoch(AGENTS, agent, epoch, {"password": password_hash, "first": False, "epoch": epoch + 1})

    def store_rehashed_password(self, agent: int, password_hash: str, *, epoch: int) -> None:
        self._swap_in_epoch(AGENTS, agent, epoch, {"password": password_hash})

    def store_resealed_secret(self, agent: int, secret: bytes, *, epoch: int) -> None:
        self._swap_in_epoch(AGENTS, agent, epoch, {"secret": secret})

    def reset_credentials(self, agent: int, *, role: AgentRole, password_hash: str, secret: bytes, epoch: int) -> None:
        anew = {"first": True, "step": 0, "removed": None, "epoch": epoch + 1}
        self._swap_in_epoch(AGENTS, agent, epoch, {"role": role, "password": password_hash, "secret": secret, **anew})

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        self._swap_in_epoch(AGENTS, agent, epoch, {"removed": at, "epoch": epoch + 1})

    def _agent(self, row: Row) -> Agent | None:
        if not self._rows.has_valid_tag_or_alarm(AGENTS, covered_values(row), row[-1]):
            return None
        return struct_of_row(Agent, row, role=AgentRole, secret=bytes)
