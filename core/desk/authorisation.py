"""Agent sessions, verified callers and supervisors' approvals (rule 11).

Each use case takes these values as arguments and checks that they are still valid. The daemon keeps them. A terminal
has copies, and the daemon trusts only the token of a copy.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from core.flows.dependencies import NOTED_WHERE_DECIDED, Dependencies, retry_on_conflict
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import Actor, Agent, AgentRole, Event, EventType, Transaction, Voter
from core.security.tokens import new_case_handle

T = TypeVar("T")
TOKEN_BYTES = 32


class HeldByDaemon(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A value that the daemon keeps and finds by its secret token."""

    token: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES))

    def __repr__(self) -> str:
        return type(self).__name__


class AgentChoosingFirstPassword(HeldByDaemon, frozen=True, kw_only=True):
    """An agent who signed in with the operator's first password and must now choose a new one."""

    agent: int
    name: str
    epoch: int


class AgentSession(HeldByDaemon, frozen=True, kw_only=True):
    """An agent signed in at a terminal. The session ends when the epoch of the account changes."""

    agent: int
    name: str
    epoch: int
    role: AgentRole
    id: str = ""
    """Distinguishes the sessions of one agent. Not secret."""


class VerifiedCaller(HeldByDaemon, frozen=True, kw_only=True):
    """A caller whose identity an agent has verified, for one call."""

    agent: int
    voter: int
    until: datetime


class SupervisorApproval(HeldByDaemon, frozen=True, kw_only=True):
    """A supervisor's approval of one act of an agent for a voter. It can be used once."""

    supervisor: str
    signer_epoch: int
    agent: int
    voter: int
    epoch: int
    """The epoch of the voter's account. Each act that needs an approval changes it."""
    until: datetime


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Creates and checks these values, opens the store for an agent, and records refused acts."""

    dependencies: Dependencies
    last_seen: dict[VerifiedCaller, datetime] = field(default_factory=dict)
    """The last time at which each verified caller's file was open."""

    def open_session(self, agent: Agent) -> AgentSession:
        session = new_case_handle(self.dependencies.entropy)
        return AgentSession(agent=agent.id, name=agent.name, epoch=agent.epoch, role=agent.role, id=session)

    def pending_password_change(self, agent: Agent) -> AgentChoosingFirstPassword:
        return AgentChoosingFirstPassword(agent=agent.id, name=agent.name, epoch=agent.epoch)

    def keep_callers_verified_before_reload(self, former: "Authorisation") -> None:
        """Keep callers verified after a reload of the settings. Their verification ends at the same time as before."""
        self.last_seen.update(former.last_seen)

    def verified_caller(self, session: AgentSession, voter: int) -> VerifiedCaller:
        """Return a caller who is verified for `caller_valid_minutes` from now."""
        now = self.dependencies.clock.now()
        for over in [each for each in list(self.last_seen) if each.until <= now]:
            self.last_seen.pop(over, None)
        until = now + timedelta(minutes=self.dependencies.policy.caller_valid_minutes)
        caller = VerifiedCaller(agent=session.agent, voter=voter, until=until)
        self.last_seen[caller] = now
        return caller

    def issue_supervisor_approval(self, supervisor: Agent, session: AgentSession, voter: int) -> SupervisorApproval:
        """Return an approval that is valid for a few minutes. Raises SupervisorApprovalRefused for an unknown voter."""
        with self.dependencies.store.read() as transaction:
            account = transaction.voters.by_id(voter)
        if account is None:
            raise errors.SupervisorApprovalRefused
        until = self.dependencies.clock.now() + timedelta(minutes=self.dependencies.policy.signature_valid_minutes)
        return SupervisorApproval(
            supervisor=supervisor.name,
            signer_epoch=supervisor.epoch,
            agent=session.agent,
            voter=voter,
            epoch=account.epoch,
            until=until,
        )

    def require_session(self, signed_in: AgentSession | AgentChoosingFirstPassword, *, acting: bool = False) -> Agent:
        """Return the agent's account.

        Raises AgentSessionOver if the account was removed or changed after the sign-in. With `acting`, raises
        ActionNotAllowed if the role may only read, and records the refusal.
        """
        with self.dependencies.store.read() as transaction:
            agent = transaction.agents.by_name(signed_in.name)
        if agent is None or agent.removed is not None or agent.epoch != signed_in.epoch:
            raise errors.AgentSessionOver
        if acting and agent.role is AgentRole.AUDITOR:
            self.record_agent_event(signed_in, EventType.ACT_REFUSED, reason=errors.ActionNotAllowed.id)
            raise errors.ActionNotAllowed
        return agent

    def require_supervisor(self, session: AgentSession) -> None:
        """Require a supervisor, and record a refusal. Raises SupervisorNeeded, AgentSessionOver, ActionNotAllowed."""
        if self.require_session(session, acting=True).role is not AgentRole.SUPERVISOR:
            self.record_agent_event(session, EventType.ACT_REFUSED, reason=SupervisorNeeded.id)
            raise SupervisorNeeded

    def require_caller(self, session: AgentSession, caller: VerifiedCaller) -> None:
        """Require a caller verified by this agent. Raises CallerNotVerified, AgentSessionOver, ActionNotAllowed."""
        self.require_session(session, acting=True)
        if not self.is_caller_still_verified(session, caller):
            raise errors.CallerNotVerified

    def is_caller_still_verified(self, session: AgentSession, caller: VerifiedCaller) -> bool:
        """Return whether this agent verified this caller and the call continues.

        An open file calls this regularly, which extends the verification. It ends a few minutes after the last call.
        """
        now, away = self.dependencies.clock.now(), timedelta(minutes=self.dependencies.policy.caller_away_minutes)
        seen = self.last_seen.get(caller)
        if caller.agent != session.agent or seen is None or now >= min(caller.until, seen + away):
            return False
        self.last_seen[caller] = now
        return True

    def require_supervisor_approval(
        self, transaction: Transaction, session: AgentSession, account: Voter, approval: SupervisorApproval
    ) -> None:
        """Raise SupervisorApprovalRefused unless the approval is valid for this agent and voter."""
        wanted = (session.agent, account.id, account.epoch)
        matches = (approval.agent, approval.voter, approval.epoch) == wanted
        may_sign = is_same_supervisor(transaction, approval.supervisor, approval.signer_epoch)
        if not matches or not may_sign or self.dependencies.clock.now() >= approval.until:
            raise errors.SupervisorApprovalRefused

    def record_agent_event(
        self,
        session: AgentSession | AgentChoosingFirstPassword,
        act: EventType,
        *,
        voter: int | None = None,
        case: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Write an agent's event in a separate transaction."""
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            write_agent_event(transaction, session.name, act, now, voter=voter, case=case, reason=reason)

    @contextmanager
    def read(self, session: AgentSession) -> Iterator[Transaction]:
        """Open a reading transaction for an agent. Raises AgentSessionOver."""
        self.require_session(session)
        with self.dependencies.store.read() as transaction:
            yield transaction

    def write(
        self,
        session: AgentSession,
        act: Callable[[Transaction], T],
        *,
        voter: int | None = None,
        case: str | None = None,
    ) -> T:
        """Do an agent's act in one transaction, retry it after conflicts, and record a refusal (rule 12).

        Raises ServiceUnavailable.
        """

        def attempt() -> T:
            with self.dependencies.store.write() as transaction:
                return act(transaction)

        try:
            return retry_on_conflict(attempt)
        except errors.Refusal as refusal:
            self.record_refusal(session, refusal, voter=voter, case=case)
            raise

    def record_refusal(
        self, session: AgentSession, refusal: errors.Refusal, *, voter: int | None = None, case: str | None = None
    ) -> None:
        """Write an event with the reason of a refusal (rule 12)."""
        if not isinstance(refusal, NOTED_WHERE_DECIDED):
            self.record_agent_event(session, EventType.ACT_REFUSED, voter=voter, case=case, reason=refusal.id)


def is_same_supervisor(transaction: Transaction, name: str, epoch: int | None) -> bool:
    """Return whether the account is still a supervisor's and unchanged."""
    signer = transaction.agents.by_name(name)
    return (
        signer is not None and signer.removed is None and signer.role is AgentRole.SUPERVISOR and signer.epoch == epoch
    )


def write_agent_event(
    transaction: Transaction,
    agent: str | None,
    act: EventType,
    at: datetime,
    *,
    voter: int | None = None,
    case: str | None = None,
    reason: str | None = None,
) -> None:
    event = Event(at=at, actor=Actor.AGENT, act=act, agent=agent, voter=voter, case=case, reason=reason)
    transaction.journal.write(event)
