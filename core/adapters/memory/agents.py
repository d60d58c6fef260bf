"""The agents' accounts."""

from datetime import datetime

import msgspec

from core.adapters.memory.shelf import Port
from core.ports import Agent, Moved, Role


class MemoryAgents(Port):
    """The port Agents."""

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        if self.by_name(name) is not None:
            return False
        agent = Agent(
            id=len(self._shelf.agents) + 1,
            name=name,
            role=role,
            password=password,
            secret=secret,
            first=True,
            step=0,
            epoch=0,
            added=at,
        )
        self._shelf.agents[agent.id] = agent
        return True

    def by_name(self, name: str) -> Agent | None:
        return next((agent for agent in self._shelf.agents.values() if agent.name == name), None)

    def all(self) -> list[Agent]:
        return sorted(self._shelf.agents.values(), key=lambda agent: agent.name)

    def accept(self, agent: int, step: int) -> bool:
        present = self._shelf.agents[agent]
        if present.step >= step:
            return False
        self._shelf.agents[agent] = msgspec.structs.replace(present, step=step)
        return True

    def choose_password(self, agent: int, password: str, *, epoch: int) -> None:
        self._swap(agent, epoch, password=password, first=False)

    def rehash(self, agent: int, password: str, *, epoch: int) -> None:
        self._swap(agent, epoch, new_epoch=False, password=password)

    def reseal(self, agent: int, secret: bytes, *, epoch: int) -> None:
        self._swap(agent, epoch, new_epoch=False, secret=secret)

    def renew(self, agent: int, *, role: Role, password: str, secret: bytes, epoch: int) -> None:
        self._swap(agent, epoch, role=role, password=password, secret=secret, first=True, step=0, removed=None)

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        self._swap(agent, epoch, removed=at)

    def _swap(self, agent: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._shelf.agents.get(agent)
        if present is None or present.epoch != epoch:
            raise Moved
        self._shelf.agents[agent] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)
