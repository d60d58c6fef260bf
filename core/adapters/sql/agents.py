"""The port Agents."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update

from core.adapters.sql.moves import PerEngine, compare_and_swap
from core.adapters.sql.prepared import Prepared, Row
from core.adapters.sql.tables import agents
from core.ports import Agent, Role

ADD = PerEngine(lambda insert: insert(agents).on_conflict_do_nothing(index_elements=["name"]).returning(agents.c.id))
BY_NAME = select(*(agents.c[name] for name in Agent.__struct_fields__)).where(agents.c.name == bindparam("wanted"))
ALL = select(*(agents.c[name] for name in Agent.__struct_fields__)).order_by(agents.c.name)
ACCEPT = update(agents).where(agents.c.id == bindparam("who"), agents.c.step < bindparam("before"))


class SqlAgents:
    """The people at the desk."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        given = {"name": name, "role": role, "password": password, "secret": secret, "added": at}
        values = {**given, "first": True, "step": 0, "epoch": 0}
        return self._run.row(ADD[self._run.dialect.name], values) is not None

    def by_name(self, name: str) -> Agent | None:
        row = self._run.row(BY_NAME, {"wanted": name})
        return None if row is None else _agent(row)

    def all(self) -> list[Agent]:
        return [_agent(row) for row in self._run.rows(ALL, {})]

    def accept(self, agent: int, step: int) -> bool:
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
        compare_and_swap(self._run, agents.c.id, agent, version=agents.c.epoch, expected=epoch, values=values)


def _agent(row: Row) -> Agent:
    columns = dict(zip(Agent.__struct_fields__, row, strict=True))
    return Agent(**{**columns, "role": Role(columns["role"]), "secret": bytes(columns["secret"])})
