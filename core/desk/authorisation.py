"""Keeps sessions, verified callers and approvals in the daemon. Terminals get only secret tokens."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

import msgspec

from core.flows.board_alarms import UNUSUAL_READING, raise_board_alarm_in_own_transaction
from core.flows.dependencies import NOTED_WHERE_DECIDED, Dependencies, retry_on_conflict
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import Actor, Agent, AgentRole, Event, EventType, Transaction, Voter
from core.security.tokens import new_case_handle

T = TypeVar("T")
TOKEN_BYTES = 32
READING_WINDOW = timedelta(hours=1)


class HeldByDaemon(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    token: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES))

    def __repr__(self) -> str:
        return type(self).__name__


class AgentChoosingFirstPassword(HeldByDaemon, frozen=True, kw_only=True):
    """An agent who has signed in and must now replace the first password."""

    agent: int
    name: str
    epoch: int


class AgentSession(HeldByDaemon, frozen=True, kw_only=True):
    """An agent's session. It ends when the agent's account changes."""

    agent: int
    name: str
    epoch: int
    role: AgentRole
    id: str = ""
    """Identifies this session among the agent's sessions. Not a secret."""


class VerifiedCaller(HeldByDaemon, frozen=True, kw_only=True):
    """A caller whose identity was verified for one call."""

    agent: int
    voter: int
    until: datetime


class SupervisorApproval(HeldByDaemon, frozen=True, kw_only=True):
    """A supervisor's approval of one action for a voter. It can be used only once."""

    supervisor: str
    signer_epoch: int
    agent: int
    voter: int
    epoch: int
    """The voter's epoch. The approved action changes it, so the approval works only once."""
    until: datetime


@dataclass(frozen=True, slots=True)
class Authorisation:
    dependencies: Dependencies
    last_seen: dict[VerifiedCaller, datetime] = field(default_factory=dict)
    """Last time at which each verified caller's file was open."""
    seen_lock: Lock = field(default_factory=Lock)
    seen: dict[int, tuple[datetime, frozenset[int]]] = field(default_factory=dict)
    """For each agent, the time when counting began and the voters shown since then."""

    def open_session(self, agent: Agent) -> AgentSession:
        session = new_case_handle(self.dependencies.entropy)
        return AgentSession(agent=agent.id, name=agent.name, epoch=agent.epoch, role=agent.role, id=session)

    def pending_password_change(self, agent: Agent) -> AgentChoosingFirstPassword:
        return AgentChoosingFirstPassword(agent=agent.id, name=agent.name, epoch=agent.epoch)

    def keep_callers_verified_before_reload(self, former: "Authorisation") -> None:
        self.last_seen.update(former.last_seen)
        self.seen.update(former.seen)

    def verified_caller(self, session: AgentSession, voter: int) -> VerifiedCaller:
        """Record a verified caller. The verification lasts at most `caller_valid_minutes`."""
        now = self.dependencies.clock.now()
        for expired in [caller for caller in list(self.last_seen) if caller.until <= now]:
            self.last_seen.pop(expired, None)
        until = now + timedelta(minutes=self.dependencies.policy.caller_valid_minutes)
        caller = VerifiedCaller(agent=session.agent, voter=voter, until=until)
        self.last_seen[caller] = now
        return caller

    def issue_supervisor_approval(self, supervisor: Agent, session: AgentSession, voter: int) -> SupervisorApproval:
        """Create an approval that is valid for a few minutes. Raises SupervisorApprovalRefused."""
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
        """Return the agent of a session. Raises AgentSessionOver, and ActionNotAllowed if an auditor acts."""
        with self.dependencies.store.read() as transaction:
            agent = transaction.agents.by_name(signed_in.name)
        if agent is None or agent.removed is not None or agent.epoch != signed_in.epoch:
            raise errors.AgentSessionOver
        if acting and agent.role is AgentRole.AUDITOR:
            self.record_agent_event(signed_in, EventType.ACT_REFUSED, reason=errors.ActionNotAllowed.id)
            raise errors.ActionNotAllowed
        return agent

    def require_supervisor(self, session: AgentSession) -> None:
        """Raise SupervisorNeeded unless the agent is a supervisor. Also raises AgentSessionOver, ActionNotAllowed."""
        if self.require_session(session, acting=True).role is not AgentRole.SUPERVISOR:
            self.record_agent_event(session, EventType.ACT_REFUSED, reason=SupervisorNeeded.id)
            raise SupervisorNeeded

    def require_caller(self, session: AgentSession, caller: VerifiedCaller) -> None:
        """Raise CallerNotVerified unless this agent has verified the caller.

        Also raises AgentSessionOver, ActionNotAllowed.
        """
        self.require_session(session, acting=True)
        if not self.is_caller_still_verified(session, caller):
            raise errors.CallerNotVerified

    def is_caller_still_verified(self, session: AgentSession, caller: VerifiedCaller) -> bool:
        """Return whether the caller is still verified. The verification ends unless this is called regularly."""
        now, away = self.dependencies.clock.now(), timedelta(minutes=self.dependencies.policy.caller_away_minutes)
        seen = self.last_seen.get(caller)
        if caller.agent != session.agent or seen is None or now >= min(caller.until, seen + away):
            return False
        self.last_seen[caller] = now
        return True

    def require_supervisor_approval(
        self, transaction: Transaction, session: AgentSession, account: Voter, approval: SupervisorApproval
    ) -> None:
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
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            write_agent_event(transaction, session.name, act, now, voter=voter, case=case, reason=reason)
        if act is EventType.FILE_OPENED and voter is not None:
            self.note_people_seen(session, frozenset({voter}))

    def note_people_seen(self, session: AgentSession | AgentChoosingFirstPassword, voters: frozenset[int]) -> None:
        """Raise an alarm if an agent sees too many different voters in an hour."""
        now = self.dependencies.clock.now()
        with self.seen_lock:
            began, people = self.seen.get(session.agent, (now, frozenset()))
            if now - began >= READING_WINDOW:
                began, people = now, frozenset()
            people |= voters
            unusual = len(people) > self.dependencies.policy.people_seen_per_agent_per_hour
            self.seen[session.agent] = (now, frozenset()) if unusual else (began, people)
        if unusual:
            raise_board_alarm_in_own_transaction(self.dependencies, f"{UNUSUAL_READING} {session.name}")

    @contextmanager
    def read(self, session: AgentSession) -> Iterator[Transaction]:
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
        """Run an action in a transaction. Retries after conflicts and records refusals. Raises ServiceUnavailable."""

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
        if not isinstance(refusal, NOTED_WHERE_DECIDED):
            self.record_agent_event(session, EventType.ACT_REFUSED, voter=voter, case=case, reason=refusal.id)


def is_same_supervisor(transaction: Transaction, name: str, epoch: int | None) -> bool:
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
