"""The accounts of the agents."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class AgentRole(StrEnum):
    """The roles of agents."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """An agent who may also approve what another does, to unfreeze an account."""
    AUDITOR = "auditor"
    """An agent who reads and changes nothing."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the desk. `epoch` counts what ends a session: a new password, a renewal, a removal.

    `step` is the time step (RFC 6238) of the last code accepted: a code serves once.
    """

    id: int
    name: str
    role: AgentRole
    password: str
    """The argon2id hash."""
    secret: bytes
    """The sealed secret of the TOTP codes."""
    first: bool
    """True while the password is the one that the operator gave."""
    step: int
    epoch: int
    added: datetime
    removed: datetime | None = None


class AgentAccountRepository(Protocol):
    """The agents' accounts. A name serves one person for ever: removed ones keep theirs."""

    def add(self, name: str, *, role: AgentRole, password_hash: str, secret: bytes, at: datetime) -> bool:
        """Add an agent with a first password. Return False if the name is taken."""

    def by_name(self, name: str) -> Agent | None:
        """Return the agent of that name, removed or not."""

    def all(self) -> list[Agent]:
        """Return everyone who was ever added, sorted by name."""

    def accept_totp_step(self, agent: int, step: int) -> bool:
        """Use up the code of that time step. Return False if it, or a later one, was accepted before."""

    def set_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None:
        """Set a password of the agent's own and begin a new epoch. Raises Conflict."""

    def store_rehashed_password(self, agent: int, password_hash: str, *, epoch: int) -> None:
        """Store the same password hashed with today's parameters; the epoch stays. Raises Conflict."""

    def store_resealed_secret(self, agent: int, secret: bytes, *, epoch: int) -> None:
        """Store the same secret sealed with today's key; the epoch stays. Raises Conflict."""

    def reset_credentials(self, agent: int, *, role: AgentRole, password_hash: str, secret: bytes, epoch: int) -> None:
        """Give a new first password and secret and begin a new epoch; someone removed is back. Raises Conflict."""

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        """Remove the agent and begin a new epoch. Raises Conflict."""
