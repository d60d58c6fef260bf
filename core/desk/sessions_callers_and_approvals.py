"""Agent sessions, verified callers and supervisors' approvals, which only this module can make (rule 11).

They are plain values of one process: a terminal elsewhere has a copy and its token. A use case takes them as arguments, so no
check can be skipped, and checks that they still hold.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from core.flows.dependencies import NOTED_WHERE_DECIDED, Dependencies
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import Actor, Agent, AgentRole, Event, EventType, Transaction, Voter
from core.security.tokens import new_case_handle

ISSUER = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnforgeableValue:
    """A value that cannot be built or copied with changes outside this module."""

    issuer: InitVar[object]
    token: str = field(default="", repr=False, compare=False)
    """The name of the value that a daemon holds, in the copy of a terminal (`core.remote_desk`)."""

    def __post_init__(self, issuer: object) -> None:
        if issuer is not ISSUER:
            raise TypeError(type(self))

    def with_token(self, token: str) -> Self:
        """Return the value with the token that a terminal is given instead of it."""
        return replace(self, issuer=ISSUER, token=token)

    @classmethod
    def copy_for_terminal(cls, **facts: Any) -> Self:  # noqa: ANN401  # the fields of each class
        """Make a terminal's copy of a value that its daemon holds: there the token counts, and nothing else of it."""
        return cls(issuer=ISSUER, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChoosingFirstPassword(UnforgeableValue):
    """An agent who signed in with the password that the operator gave, and must choose their own now."""

    agent: int
    name: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSession(UnforgeableValue):
    """An agent signed in at a terminal. The session ends when the epoch of the account changes."""

    agent: int
    name: str
    epoch: int
    role: AgentRole
    id: str = ""
    """Distinguishes the sessions of one agent; no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCaller(UnforgeableValue):
    """A caller whom an agent has verified to be a voter, for one call."""

    agent: int
    voter: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorApproval(UnforgeableValue):
    """A supervisor's consent to one act of an agent for a voter, as both accounts then were: it is used once."""

    supervisor: str
    signer_epoch: int
    agent: int
    voter: int
    epoch: int
    """The voter's: each act that needs a signature begins another."""
    until: datetime


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Makes these values, checks them, and records refused acts."""

    dependencies: Dependencies
    last_seen: dict[VerifiedCaller, datetime] = field(default_factory=dict)
    """The moment at which each verified caller's file was last open."""

    def open_session(self, agent: Agent) -> AgentSession:
        """Make the session of an agent who has just signed in."""
        session = new_case_handle(self.dependencies.entropy)
        return AgentSession(
            issuer=ISSUER, agent=agent.id, name=agent.name, epoch=agent.epoch, role=agent.role, id=session
        )

    def pending_password_change(self, agent: Agent) -> AgentChoosingFirstPassword:
        """Make the value that allows an agent to choose a first password."""
        return AgentChoosingFirstPassword(issuer=ISSUER, agent=agent.id, name=agent.name, epoch=agent.epoch)

    def keep_callers_verified_before_reload(self, former: "Authorisation") -> None:
        """Let the callers whom the former settings' use cases verified stay so, and no longer than they would have."""
        self.last_seen.update(former.last_seen)

    def verified_caller(self, session: AgentSession, voter: int) -> VerifiedCaller:
        """Make a caller who is verified from now on, for the time of a call."""
        now = self.dependencies.clock.now()
        for over in [each for each in list(self.last_seen) if each.until <= now]:
            self.last_seen.pop(over, None)
        until = now + timedelta(minutes=self.dependencies.policy.caller_valid_minutes)
        caller = VerifiedCaller(issuer=ISSUER, agent=session.agent, voter=voter, until=until)
        self.last_seen[caller] = now
        return caller

    def issue_supervisor_approval(self, supervisor: Agent, session: AgentSession, voter: int) -> SupervisorApproval:
        """Make a supervisor's approval, valid for some minutes. Raises SupervisorApprovalRefused for nobody's account."""
        with self.dependencies.store.read() as transaction:
            account = transaction.voters.by_id(voter)
        if account is None:
            raise errors.SupervisorApprovalRefused
        until = self.dependencies.clock.now() + timedelta(minutes=self.dependencies.policy.signature_valid_minutes)
        return SupervisorApproval(
            issuer=ISSUER,
            supervisor=supervisor.name,
            signer_epoch=supervisor.epoch,
            agent=session.agent,
            voter=voter,
            epoch=account.epoch,
            until=until,
        )

    def require_account(self, signed_in: AgentSession | AgentChoosingFirstPassword) -> Agent:
        """Return the agent's account. Raises AgentSessionOver when it was removed or changed since signing in."""
        with self.dependencies.store.read() as transaction:
            agent = transaction.agents.by_name(signed_in.name)
        if agent is None or agent.removed is not None or agent.epoch != signed_in.epoch:
            raise errors.AgentSessionOver
        return agent

    def require_session(self, session: AgentSession, *, acting: bool = False) -> None:
        """Raise AgentSessionOver, or ActionNotAllowed when the role may only read; the journal keeps the latter."""
        agent = self.require_account(session)
        if acting and agent.role is AgentRole.AUDITOR:
            self.record_agent_event(session, EventType.ACT_REFUSED, reason=errors.ActionNotAllowed.id)
            raise errors.ActionNotAllowed

    def require_supervisor(self, session: AgentSession) -> None:
        """Raise SupervisorNeeded unless the agent is a supervisor now, and as `require_session`; the journal keeps it."""
        self.require_session(session, acting=True)
        if self.require_account(session).role is not AgentRole.SUPERVISOR:
            self.record_agent_event(session, EventType.ACT_REFUSED, reason=SupervisorNeeded.id)
            raise SupervisorNeeded

    def require_caller(self, session: AgentSession, caller: VerifiedCaller) -> None:
        """Raise CallerNotVerified unless that agent verified that caller in this call; AgentSessionOver, ActionNotAllowed."""
        self.require_session(session, acting=True)
        if not self.is_caller_still_verified(session, caller):
            raise errors.CallerNotVerified

    def is_caller_still_verified(self, session: AgentSession, caller: VerifiedCaller) -> bool:
        """Tell whether that agent verified that caller and the call goes on; asking shows that it does.

        An open file asks again and again. After some minutes without it, the verification is over.
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
        """Raise SupervisorApprovalRefused unless a supervisor has just approved for that agent and that voter's account as it is."""
        wanted = (session.agent, account.id, account.epoch)
        matches = (approval.agent, approval.voter, approval.epoch) == wanted
        may_sign = is_same_supervisor(transaction, approval.supervisor, approval.signer_epoch)
        if not matches or not may_sign or self.dependencies.clock.now() >= approval.until:
            raise errors.SupervisorApprovalRefused

    def record_agent_event(
        self,
        session: AgentSession,
        act: EventType,
        *,
        voter: int | None = None,
        case: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Write one event of an agent in a transaction of its own."""
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            write_agent_event(transaction, session.name, act, now, voter=voter, case=case, reason=reason)

    @contextmanager
    def record_refusals(
        self, session: AgentSession, *, voter: int | None = None, case: str | None = None
    ) -> Iterator[None]:
        """Write an event with the reason when the block is refused (rule 12)."""
        try:
            yield
        except errors.Refusal as refusal:
            if not isinstance(refusal, NOTED_WHERE_DECIDED):
                self.record_agent_event(session, EventType.ACT_REFUSED, voter=voter, case=case, reason=refusal.id)
            raise


def is_same_supervisor(transaction: Transaction, name: str, epoch: int | None) -> bool:
    """Tell whether the account that signed is still a supervisor's, unchanged since."""
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
    """Write the event of an act of that agent."""
    event = Event(at=at, actor=Actor.AGENT, act=act, agent=agent, voter=voter, case=case, reason=reason)
    transaction.journal.write(event)
