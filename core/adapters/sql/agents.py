"""The port Agents."""

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter

from sqlalchemy import bindparam, select, update

from core.adapters.sql.compare_and_swap import compare_and_swap
from core.adapters.sql.driver_statement_executor import DriverStatementExecutor, Row
from core.adapters.sql.row_authentication import AGENTS, MAC, RowAuthenticator
from core.adapters.sql.tables import agents
from core.adapters.sql.upsert import upsert
from core.ports import Agent, Conflict, Role

ADD = upsert(agents).on_conflict_do_nothing(index_elements=["name"]).returning(agents.c.id)
NAMES = (*Agent.__struct_fields__, MAC)
COLUMNS = select(*(agents.c[name] for name in NAMES))
BY_NAME = COLUMNS.where(agents.c.name == bindparam("wanted"))
ALL = COLUMNS.order_by(agents.c.name)
IN_EPOCH = (
    select(*AGENTS.columns)
    .where(agents.c.id == bindparam("who"), agents.c.epoch == bindparam("in_epoch"))
    .with_for_update()
)
covered_values = itemgetter(*map(NAMES.index, AGENTS.covered))
ACCEPT = update(agents).where(agents.c.id == bindparam("who"), agents.c.step < bindparam("before"))


class SqlAgents:
    """The agents' accounts. A row that is not authentic is as if it were not there."""

    def __init__(self, run: DriverStatementExecutor, rows: RowAuthenticator) -> None:
        self._run = run
        self._rows = rows

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        given = {"name": name, "role": role, "password": password, "secret": secret, "added": at}
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

    def choose_password(self, agent: int, password: str, *, epoch: int) -> None:
        self._swap(agent, epoch, {"password": password, "first": False, "epoch": epoch + 1})

    def rehash(self, agent: int, password: str, *, epoch: int) -> None:
        self._swap(agent, epoch, {"password": password})

    def reseal(self, agent: int, secret: bytes, *, epoch: int) -> None:
        self._swap(agent, epoch, {"secret": secret})

    def renew(self, agent: int, *, role: Role, password: str, secret: bytes, epoch: int) -> None:
        anew = {"first": True, "step": 0, "removed": None, "epoch": epoch + 1}
        self._swap(agent, epoch, {"role": role, "password": password, "secret": secret, **anew})

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        self._swap(agent, epoch, {"removed": at, "epoch": epoch + 1})

    def _swap(self, agent: int, epoch: int, values: Mapping[str, object]) -> None:
        """Change the row that was read. Raises Conflict if it has another epoch, or is not authentic."""
        row = self._run.row(IN_EPOCH, {"who": agent, "in_epoch": epoch})
        present = None if row is None else self._rows.open_row(AGENTS, row)
        if row is None or present is None:
            raise Conflict
        mac = self._rows.seal_row(AGENTS, {**present, **values})[MAC]
        changed = {**values, MAC: mac}
        compare_and_swap(self._run, agents.c.id, agent, version=agents.c.mac, expected=row[-1], values=changed)

    def _agent(self, row: Row) -> Agent | None:
        if not self._rows.check_tag(AGENTS, covered_values(row), row[-1]):
            return None
        columns = dict(zip(Agent.__struct_fields__, row, strict=False))
        return Agent(**{**columns, "role": Role(columns["role"]), "secret": bytes(columns["secret"])})
