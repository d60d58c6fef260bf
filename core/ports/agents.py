"""Who is at the desk."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class Role(StrEnum):
    """What someone at the desk may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """An agent who may also sign beside another, to unfreeze an account."""
    AUDITOR = "auditor"
    """Reads, and does nothing."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """Someone at the desk. `epoch` counts what ends a duty: a new password, a renewal, a removal.

    `step` is the time step (RFC 6238) of the last code accepted: a code serves once.
    """

    id: int
    name: str
    role: Role
    password: str
    """The argon2id hash."""
    secret: bytes
    """What the codes are made from, sealed."""
    first: bool
    """Whether the password is still the one that the operator gave."""
    step: int
    epoch: int
    added: datetime
    removed: datetime | None = None


class Agents(Protocol):
    """The people at the desk. A name serves one person for ever: removed ones keep theirs."""

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        """Someone new, with a first password; False if the name is taken."""

    def by_name(self, name: str) -> Agent | None:
        """The one of that name, removed or not."""

    def all(self) -> list[Agent]:
        """Everyone who ever was, by name."""

    def accept(self, agent: int, step: int) -> bool:
        """Uses the code of that time step up; False if it, or a later one, was accepted before."""

    def choose_password(self, agent: int, password: str, *, epoch: int) -> None:
        """A password of their own, and a new epoch. Raises Moved."""

    def rehash(self, agent: int, password: str, *, epoch: int) -> None:
        """The same password under today's parameters; the epoch stays. Raises Moved."""

    def reseal(self, agent: int, secret: bytes, *, epoch: int) -> None:
        """The same secret under today's key; the epoch stays. Raises Moved."""

    def renew(self, agent: int, *, role: Role, password: str, secret: bytes, epoch: int) -> None:
        """Begins anew, as someone just added, and a new epoch; someone removed is back. Raises Moved."""

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        """Ends it, and begins a new epoch. Raises Moved."""
