from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason


class AgentRole(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """An agent who can also approve unfreezing, announce incidents and read the journal."""
    AUDITOR = "auditor"
    """An auditor can read everything but change nothing."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    role: AgentRole
    password: str
    secret: bytes
    first: bool
    """True until the agent has replaced the first password."""
    step: int
    """Time step (RFC 6238) of the last authenticator code that the agent used."""
    epoch: int
    """Increasing this number ends all of the agent's sessions."""
    added: datetime
    removed: datetime | None = None


class AgentAccountRepository(Protocol):
    def add(self, name: str, *, role: AgentRole, password_hash: str, secret: bytes, at: datetime) -> bool:
        """Add an agent. Returns False if any agent has ever had this name."""

    def by_name(self, name: str) -> Agent | None: ...

    def all(self) -> list[Agent]: ...

    def accept_totp_step(self, agent: int, step: int) -> bool:
        """Mark a code as used. Returns False if this or a later code was already used."""

    def set_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None: ...

    def store_rehashed_password(self, agent: int, password_hash: str, *, epoch: int) -> None: ...

    def store_resealed_secret(self, agent: int, secret: bytes, *, epoch: int) -> None: ...

    def reset_credentials(self, agent: int, *, role: AgentRole, password_hash: str, secret: bytes, epoch: int) -> None:
        """Replace an agent's credentials. A removed agent is restored. Raises ConflictError."""

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None: ...


class ApprovalState(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    USED = "used"


class ApprovalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's request that a supervisor can approve or decline."""

    id: str
    act: ActNeedingApproval
    voter: int
    epoch: int
    """The epoch of the voter's account. When it changes, the approval becomes invalid."""
    agent: str
    session: str
    reason: ReopeningReason
    asked: datetime
    until: datetime
    state: ApprovalState = ApprovalState.WAITING
    supervisor: str | None = None
    signer_epoch: int | None = None
    """The epoch of the supervisor's account. When it changes, the approval becomes invalid."""
    version: int = 0


class ApprovalRequestRepository(Protocol):
    def add(self, request: ApprovalRequest) -> None: ...

    def by_id(self, request: str) -> ApprovalRequest | None: ...

    def waiting(self, now: datetime, limit: int) -> list[ApprovalRequest]:
        """Return the requests that a supervisor can approve now, oldest first."""

    def answerable_or_usable_of(self, agent: str, now: datetime) -> list[ApprovalRequest]: ...

    def change(self, former: ApprovalRequest, request: ApprovalRequest) -> None: ...
