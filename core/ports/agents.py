"""The accounts of the agents, and their requests for a supervisor's approval, which she gives or declines at her own terminal."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.text.faces.call_sentences import ContactReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval


class AgentRole(StrEnum):
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
        """Set a password of the agent's own and begin a new epoch. Raises ConflictError."""

    def store_rehashed_password(self, agent: int, password_hash: str, *, epoch: int) -> None:
        """Store the same password hashed with today's parameters; the epoch stays. Raises ConflictError."""

    def store_resealed_secret(self, agent: int, secret: bytes, *, epoch: int) -> None:
        """Store the same secret sealed with today's key; the epoch stays. Raises ConflictError."""

    def reset_credentials(self, agent: int, *, role: AgentRole, password_hash: str, secret: bytes, epoch: int) -> None:
        """Give a new first password and secret and begin a new epoch; someone removed is back. Raises ConflictError."""

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        """Remove the agent and begin a new epoch. Raises ConflictError."""


class ApprovalState(StrEnum):
    """The states of a request: one that waits is answered or withdrawn, one that is accepted is used, each once."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    USED = "used"


class ApprovalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request of one session of an agent for one act on one voter, as the voter's account then was.

    `epoch` is the voter's: the approval is of no use once the account has changed.
    """

    id: str
    act: ActNeedingApproval
    voter: int
    epoch: int
    agent: str
    session: str
    """The id of the agent's session (`AgentSession.id`)."""
    reason: ContactReason
    asked: datetime
    until: datetime
    """The moment from which it can be neither answered nor used."""
    state: ApprovalState = ApprovalState.WAITING
    supervisor: str | None = None
    """The supervisor who answered."""
    signer_epoch: int | None = None
    """The epoch of that supervisor's account: the approval is of no use once that has changed."""
    version: int = 0


class ApprovalRequestRepository(Protocol):
    """The requests. A row that is not authentic is as if it were not there."""

    def add(self, request: ApprovalRequest) -> None:
        """Store a request."""

    def by_id(self, request: str) -> ApprovalRequest | None:
        """Return that request, whatever its state."""

    def waiting(self, now: datetime, limit: int) -> list[ApprovalRequest]:
        """Return those that can be answered now, the oldest first."""

    def answerable_or_usable_of(self, agent: str, now: datetime) -> list[ApprovalRequest]:
        """Return those of an agent that can be answered or used now, the oldest first."""

    def change(self, former: ApprovalRequest, request: ApprovalRequest) -> None:
        """Write the request anew. Raises ConflictError unless it is still `former`."""
