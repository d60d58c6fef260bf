"""Lets agents sign in, lock and unlock their terminals, and sign out."""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

import pyotp

from core.desk.authorisation import (
    AgentChoosingFirstPassword,
    AgentSession,
    Authorisation,
    SupervisorApproval,
    write_agent_event,
)
from core.desk.forms import AGENT_RULES
from core.flows.dependencies import Dependencies
from core.flows.password_rules import guessable_reason
from core.forms import errors
from core.forms.field_parsers import without_accents
from core.forms.flow_model import FormErrors
from core.ports import Agent, AgentRole, EventType, Transaction
from core.security import key_purposes
from core.security.security_codes import parse_six_digits

CODE_SECONDS = 30
"""How long an authenticator code is valid, in seconds (RFC 6238, section 5.2)."""
SKEW = 1
"""Accepted clock difference of the agent's phone, in time steps (RFC 6238, section 6)."""
UNKNOWN_AGENT_SECRET = "A" * 32
"""Dummy secret. It makes checking an unknown agent take as long as checking a known one."""


@dataclass(eq=False)
class AgentSessions:
    dependencies: Dependencies
    authorisation: Authorisation

    def sign_in(
        self, name: str, password: str, code: str, *, account: int | None = None
    ) -> AgentSession | AgentChoosingFirstPassword:
        """Sign an agent in. `account` is the user id of the calling process.

        Raises AgentUnknown, AgentCodeUsed, TooManyAgentTries.
        """
        agent = self._authenticate(name, password, code, account)
        if agent.first:
            return self.authorisation.pending_password_change(agent)
        if self.dependencies.hasher.needs_rehash(agent.password):
            hashed = self.dependencies.hasher.hash(password)
            with self.dependencies.store.write() as transaction:
                transaction.agents.store_rehashed_password(agent.id, hashed, epoch=agent.epoch)
        self._record(EventType.AGENT_SESSION_OPENED, agent.name)
        return self.authorisation.open_session(agent)

    def choose_password(self, pending: AgentChoosingFirstPassword, password: str) -> AgentSession:
        """Replace the agent's first password and open a session. Raises FormErrors, AgentSessionOver."""
        agent = self.authorisation.require_session(pending)
        rejected = guessable_reason(password, (without_accents(agent.name),), AGENT_RULES)
        if rejected is not None:
            raise FormErrors({"new_password": rejected})
        hashed = self.dependencies.hasher.hash(password)
        with self.dependencies.store.write() as transaction:
            transaction.agents.set_password_hash(agent.id, hashed, epoch=agent.epoch)
            self._write_event(transaction, EventType.AGENT_PASSWORD_CHOSEN, agent.name)
            self._write_event(transaction, EventType.AGENT_SESSION_OPENED, agent.name)
            changed = transaction.agents.by_name(agent.name)
        assert changed is not None  # noqa: S101  # it was changed in this transaction
        return self.authorisation.open_session(changed)

    def record_agent_presence(self, session: AgentSession) -> None:
        """Record that the agent is present, so that the session stays unlocked. Raises AgentSessionOver."""
        self.authorisation.require_session(session)

    def lock(self, session: AgentSession) -> None:
        self._record(EventType.AGENT_SESSION_LOCKED, session.name)

    def unlock(self, session: AgentSession, secret: str) -> AgentSession:
        """Unlock the session with a password or authenticator code.

        Raises TerminalUnlockRefused, AgentCodeUsed, TooManyAgentTries, AgentSessionOver.
        """
        self.authorisation.require_session(session)
        bucket = self._bucket("unlock", session.name)
        self._count_try(bucket, session.name)
        agent = self._find(session.name)
        code = parse_six_digits(secret)
        step = None if code is None else self._time_step(agent, code)
        by_password = self.dependencies.hasher.verify(None if agent is None else agent.password, secret)
        if agent is None or not (by_password or step is not None):
            self._record(EventType.AGENT_SESSION_REFUSED, session.name, "wrong-credentials")
            raise errors.TerminalUnlockRefused
        self._accept(agent, None if by_password else step, bucket)
        self._record(EventType.AGENT_SESSION_UNLOCKED, session.name)
        return session

    def use_up_totp_code(self, session: AgentSession, code: str) -> None:
        """Check an authenticator code and mark it as used. Raises ApprovalCodeWrong, AgentCodeUsed, TooManyAgentTries."""
        bucket = self._bucket("approval", session.name)
        self._count_try(bucket, session.name)
        agent = self._find(session.name)
        step = self._time_step(agent, code)
        if agent is None or step is None:
            self._record(EventType.AGENT_SESSION_REFUSED, session.name, "wrong-credentials")
            raise errors.ApprovalCodeWrong
        self._accept(agent, step, bucket)

    def sign_out(self, session: AgentSession) -> None:
        self._record(EventType.AGENT_SESSION_CLOSED, session.name)

    def approval_of_supervisor(
        self, session: AgentSession, voter: int, name: str, password: str, code: str, *, account: int | None = None
    ) -> SupervisorApproval:
        """Return a supervisor's approval for a voter. Raises SupervisorApprovalRefused and the errors of `sign_in`."""
        self.authorisation.require_session(session, acting=True)
        supervisor = self._authenticate(name, password, code, account)
        if supervisor.role is not AgentRole.SUPERVISOR or supervisor.id == session.agent or supervisor.first:
            self._record(EventType.AGENT_SESSION_REFUSED, supervisor.name, "no-supervisor")
            raise errors.SupervisorApprovalRefused
        return self.authorisation.issue_supervisor_approval(supervisor, session, voter)

    def _authenticate(self, name: str, password: str, code: str, account: int | None) -> Agent:
        bucket = self._bucket("sign-in", name, account)
        self._count_try(bucket, name)
        agent = self._find(name)
        step = self._time_step(agent, code)
        matches = self.dependencies.hasher.verify(None if agent is None else agent.password, password)
        if agent is None or not matches or step is None:
            self._record(EventType.AGENT_SESSION_REFUSED, None if agent is None else agent.name, "wrong-credentials")
            raise errors.AgentUnknown
        self._accept(agent, step, bucket)
        return agent

    def _count_try(self, bucket: bytes, name: str) -> None:
        """Count an attempt. Must run before the password is checked."""
        policy, now = self.dependencies.policy, self.dependencies.clock.now()
        window = timedelta(minutes=policy.agent_pause_minutes)
        with self.dependencies.store.write() as transaction:
            verdict = transaction.throttle.count_or_refuse(bucket, limit=policy.agent_tries, window=window, now=now)
            if not verdict.allowed:
                known = transaction.agents.by_name(name)
                agent = None if known is None else known.name
                self._write_event(transaction, EventType.AGENT_SESSION_REFUSED, agent, "too-many-agent-tries")
        if not verdict.allowed:
            raise errors.TooManyAgentTries(until=self.dependencies.calendar.to_local(verdict.until))

    def _bucket(self, purpose: str, name: str, account: int | None = None) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"agent|{purpose}|{account}|{name}".encode())

    def _find(self, name: str) -> Agent | None:
        with self.dependencies.store.read() as transaction:
            agent = transaction.agents.by_name(name)
        return None if agent is None or agent.removed is not None else agent

    def _time_step(self, agent: Agent | None, code: str) -> int | None:
        """Return the time step of a valid code, or None. Takes equally long for unknown agents."""
        vault, purpose = self.dependencies.vault, key_purposes.AGENT_CODE
        secret = None if agent is None else vault.open(purpose, agent.secret, context=agent.name.encode())
        totp = pyotp.TOTP(UNKNOWN_AGENT_SECRET if secret is None else secret.decode(), interval=CODE_SECONDS)
        current = int(self.dependencies.clock.now().timestamp()) // CODE_SECONDS
        candidates = range(current - SKEW, current + SKEW + 1)
        steps = [step for step in candidates if compare_digest(totp.generate_otp(step).encode(), code.encode())]
        return steps[-1] if steps and secret is not None else None

    def _accept(self, agent: Agent, step: int | None, bucket: bytes) -> None:
        with self.dependencies.store.write() as transaction:
            fresh = step is None or transaction.agents.accept_totp_step(agent.id, step)
            if fresh:
                transaction.throttle.reset(bucket)
            else:
                self._write_event(transaction, EventType.AGENT_SESSION_REFUSED, agent.name, "agent-code-used")
        if not fresh:
            raise errors.AgentCodeUsed

    def _record(self, act: EventType, name: str | None, reason: str | None = None) -> None:
        with self.dependencies.store.write() as transaction:
            self._write_event(transaction, act, name, reason)

    def _write_event(
        self, transaction: Transaction, act: EventType, name: str | None, reason: str | None = None
    ) -> None:
        write_agent_event(transaction, name, act, self.dependencies.clock.now(), reason=reason)
