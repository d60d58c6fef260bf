"""The port Agents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from core.adapters.sql.moves import INSERTS, compare_and_swap
from core.adapters.sql.tables import agents
from core.ports import Agent, Role

ADD = {
    name: insert(agents).on_conflict_do_nothing(index_elements=["name"]).returning(agents.c.id)
    for name, insert in INSERTS.items()
}
BY_NAME = select(agents).where(agents.c.name == bindparam("wanted"))
ALL = select(agents).order_by(agents.c.name)
ACCEPT = update(agents).where(agents.c.id == bindparam("who"), agents.c.step < bindparam("before"))


class SqlAgents:
    """The people at the desk."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        given = {"name": name, "role": role, "password": password, "secret": secret, "added": at}
        values = {**given, "first": True, "step": 0, "epoch": 0}
        return self._connection.execute(ADD[self._connection.dialect.name], values).first() is not None

    def by_name(self, name: str) -> Agent | None:
        row = self._connection.execute(BY_NAME, {"wanted": name}).one_or_none()
        return None if row is None else _agent(row)

    def all(self) -> list[Agent]:
        return [_agent(row) for row in self._connection.execute(ALL)]

    def accept(self, agent: int, step: int) -> bool:
        return self._connection.execute(ACCEPT, {"who": agent, "before": step, "step": step}).rowcount == 1

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
        compare_and_swap(self._connection, agents.c.id, agent, version=agents.c.epoch, expected=epoch, values=values)


def _agent(row: Row[*tuple[Any, ...]]) -> Agent:
    columns = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's way to a mapping
    return Agent(**{**columns, "role": Role(columns["role"]), "secret": bytes(columns["secret"])})
