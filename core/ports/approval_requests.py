"""Requests of agents for a supervisor's approval, which she gives or declines at her own terminal."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.text.faces.call_sentences import ContactReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval


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
        """Write the request anew. Raises Conflict unless it is still `former`."""
