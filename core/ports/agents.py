"""The agents' accounts, and their requests for a supervisor's approval."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.text.faces.call_sentences import ContactReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval


class AgentRole(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """May also approve an agent's request to unfreeze an account."""
    AUDITOR = "auditor"
    """Reads everything and changes nothing."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the desk.

    `epoch` increases whenever the agent's sessions must end: a new password, a renewal, a removal. `step` is the time
    step (RFC 6238) of the last accepted code, so each code works once.
    """

    id: int
    name: str
    role: AgentRole
    password: str
    """argon2id hash."""
    secret: bytes
    """Sealed TOTP secret."""
    first: bool
    """True until the agent replaces the password that the operator gave."""
    step: int
    epoch: int
    added: datetime
    removed: datetime | None = None


class AgentAccountRepository(Protocol):
    def add(self, name: str, *, role: AgentRole, password_hash: str, secret: bytes, at: datetime) -> bool:
        """Add an agent with a first password. Return False if the name was ever used, also by a removed agent."""

    def by_name(self, name: str) -> Agent | None: ...

    def all(self) -> list[Agent]:
        """Return all agents, also removed ones, sorted by name."""

    def accept_totp_step(self, agent: int, step: int) -> bool:
        """Mark the code of that time step as used. Return False if this step or a later one was accepted before."""

    def set_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None:
        """Set the password that the agent chose and begin a new epoch. Raises ConflictError."""

    def store_rehashed_password(self, agent: int, password_hash: str, *, epoch: int) -> None:
        """Store the same password hashed with the current parameters, in the same epoch. Raises ConflictError."""

    def store_resealed_secret(self, agent: int, secret: bytes, *, epoch: int) -> None:
        """Store the same secret sealed with the current key, in the same epoch. Raises ConflictError."""

    def reset_credentials(self, agent: int, *, role: AgentRole, password_hash: str, secret: bytes, epoch: int) -> None:
        """Set a new first password and secret and begin a new epoch. Restores a removed agent. Raises ConflictError."""

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        """Remove the agent and begin a new epoch. Raises ConflictError."""


class ApprovalState(StrEnum):
    """States of a request. A waiting request is answered or withdrawn once; an accepted request is used once."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    USED = "used"


class ApprovalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's request, in one session, to perform one act on one voter.

    `epoch` is the voter's at that time. The approval is void once the account has changed.
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
    """The request expires at this time."""
    state: ApprovalState = ApprovalState.WAITING
    supervisor: str | None = None
    signer_epoch: int | None = None
    """The epoch of that supervisor's account. The approval is void once that epoch has changed."""
    version: int = 0


class ApprovalRequestRepository(Protocol):
    """The approval requests. Rows that fail authentication are ignored."""

    def add(self, request: ApprovalRequest) -> None: ...

    def by_id(self, request: str) -> ApprovalRequest | None: ...

    def waiting(self, now: datetime, limit: int) -> list[ApprovalRequest]:
        """Return the requests that can be answered now, oldest first."""

    def answerable_or_usable_of(self, agent: str, now: datetime) -> list[ApprovalRequest]:
        """Return the agent's requests that can be answered or used now, oldest first."""

    def change(self, former: ApprovalRequest, request: ApprovalRequest) -> None:
        """Replace the stored request. Raises ConflictError unless it still equals `former`."""
