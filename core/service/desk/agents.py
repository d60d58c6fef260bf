"""Signing in at the desk: name, password and a code that serves once; five wrong tries pause."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp

from core import errors, purposes
from core.answers import plain
from core.codes import read_code
from core.flows.desk import agent_password_policy
from core.policy import Policy
from core.ports import Act, Actor, Agent, Durability, Event, Role, Transaction
from core.service.desk.proofs import Duty, Newcomer, Proofs, Signature
from core.service.guessable import guessable
from core.service.tools import Tools
from core.steps import Problems

CODE_SECONDS = 30
"""RFC 6238 §5.2."""
SKEW = 1
"""Time steps that a telephone's clock may be off (RFC 6238 §6)."""
NOBODYS_SECRET = "A" * 32


@dataclass(frozen=True, slots=True)
class Agents:
    """Who is at the desk."""

    tools: Tools
    proofs: Proofs

    def sign_in(self, name: str, password: str, code: str) -> Duty | Newcomer:
        """On duty, or to choose a password first. One argon2 is spent whoever it is.

        Raises AgentUnknown, AgentCodeUsed, TooManyAgentTries.
        """
        agent = self._recognise(name, password, code)
        now = self.tools.clock.now()
        if agent.first:
            return self.proofs.newcomer(agent, now)
        self._rehash(agent, password)
        self._note(Act.DUTY_BEGUN, agent.name)
        return self.proofs.duty(agent, now)

    def choose_password(self, newcomer: Newcomer, password: str) -> Duty:
        """Puts their own password in the place of the first one. Raises Problems, DutyOver."""
        agent = self.proofs.require_newcomer(newcomer)
        rejected = guessable(password, (plain(agent.name),), self.tools.guesses, self._rules())
        if rejected is not None:
            raise Problems({"new_password": rejected})
        hashed, now = self.tools.hasher.hash(password), self.tools.clock.now()
        with self.tools.store.write(Durability.FULL) as transaction:
            transaction.agents.choose_password(agent.id, hashed, epoch=agent.epoch)
            transaction.journal.write(_event(now, Act.AGENT_PASSWORD_CHOSEN, agent.name))
            transaction.journal.write(_event(now, Act.DUTY_BEGUN, agent.name))
            present = transaction.agents.by_name(agent.name)
        assert present is not None  # noqa: S101  # it was changed in this transaction
        return self.proofs.duty(present, now)

    def lock(self, duty: Duty) -> None:
        """The terminal was left alone, or locked by hand."""
        self._note(Act.DUTY_LOCKED, duty.name)

    def unlock(self, duty: Duty, opening: str) -> Duty:
        """The same duty again, with the password or a code. Raises AgentUnknown, AgentCodeUsed, TooManyAgentTries, DutyOver."""
        self.proofs.require_duty(duty)
        self._admit(duty.name)
        agent = self._agent(duty.name)
        code = read_code(opening)
        step = None if code is None else self._step(agent, code)
        by_password = self.tools.hasher.verify(None if agent is None else agent.password, opening)
        if agent is None or not (by_password or step is not None):
            self._note(Act.DUTY_REFUSED, duty.name, "wrong-credentials")
            raise errors.AgentUnknown
        self._accept(agent, None if by_password else step)
        self._note(Act.DUTY_UNLOCKED, duty.name)
        return duty

    def sign_out(self, duty: Duty) -> None:
        """Leaves the desk."""
        self._note(Act.DUTY_ENDED, duty.name)

    def confirm(self, duty: Duty, voter: int, name: str, password: str, code: str) -> Signature:
        """A supervisor signs beside that agent, for that voter.

        Raises SignatureRefused when they are no supervisor or the agent themselves, and as `sign_in`.
        """
        self.proofs.require_duty(duty, acting=True)
        supervisor = self._recognise(name, password, code)
        if supervisor.role is not Role.SUPERVISOR or supervisor.id == duty.agent or supervisor.first:
            self._note(Act.DUTY_REFUSED, supervisor.name, "no-supervisor")
            raise errors.SignatureRefused
        return self.proofs.signature(supervisor, duty, voter, self.tools.clock.now())

    def _recognise(self, name: str, password: str, code: str) -> Agent:
        self._admit(name)
        agent = self._agent(name)
        step = self._step(agent, code)
        matches = self.tools.hasher.verify(None if agent is None else agent.password, password)
        if agent is None or not matches or step is None:
            self._note(Act.DUTY_REFUSED, None if agent is None else agent.name, "wrong-credentials")
            raise errors.AgentUnknown
        self._accept(agent, step)
        return agent

    def _admit(self, name: str) -> None:
        """Counts the try before it is made, so that tries in parallel share the count. Names are counted known or not."""
        policy, now = self.tools.policy, self.tools.clock.now()
        window = timedelta(minutes=policy.agent_pause_minutes)
        with self.tools.store.write(Durability.RELAXED) as transaction:
            verdict = transaction.throttle.take(self._bucket(name), limit=policy.agent_tries, window=window, now=now)
            if not verdict.allowed:
                known = transaction.agents.by_name(name)
                who = None if known is None else known.name
                transaction.journal.write(_event(now, Act.DUTY_REFUSED, who, "too-many-agent-tries"))
        if not verdict.allowed:
            raise errors.TooManyAgentTries(until=self.tools.calendar.local(verdict.until))

    def _bucket(self, name: str) -> bytes:
        return self.tools.vault.digest(purposes.THROTTLE, b"agent|" + name.encode())

    def _agent(self, name: str) -> Agent | None:
        with self.tools.store.read() as transaction:
            found = transaction.agents.by_name(name)
        return None if found is None or found.removed is not None else found

    def _step(self, agent: Agent | None, code: str) -> int | None:
        """The time step whose code that is; the same work for nobody."""
        secret = None if agent is None else self._secret(agent)
        present = int(self.tools.clock.now().timestamp()) // CODE_SECONDS
        totp = pyotp.TOTP(secret or NOBODYS_SECRET, interval=CODE_SECONDS)
        around = range(present - SKEW, present + SKEW + 1)
        steps = [step for step in around if compare_digest(totp.generate_otp(step).encode(), code.encode())]
        return steps[-1] if steps and secret is not None else None

    def _secret(self, agent: Agent) -> str | None:
        clear = self.tools.vault.open(purposes.AGENT_CODE, agent.secret, context=agent.name.encode())
        return None if clear is None else clear.decode()

    def _accept(self, agent: Agent, step: int | None) -> None:
        """Uses the code up and forgives the wrong tries. Raises AgentCodeUsed."""
        with self.tools.store.write(Durability.FULL) as transaction:
            fresh = step is None or transaction.agents.accept(agent.id, step)
            if fresh:
                transaction.throttle.forget(self._bucket(agent.name))
            else:
                self._write(transaction, Act.DUTY_REFUSED, agent.name, "agent-code-used")
        if not fresh:
            raise errors.AgentCodeUsed

    def _rehash(self, agent: Agent, password: str) -> None:
        if not self.tools.hasher.outdated(agent.password):
            return
        hashed = self.tools.hasher.hash(password)
        with self.tools.store.write() as transaction:
            transaction.agents.rehash(agent.id, hashed, epoch=agent.epoch)

    def _rules(self) -> Policy:
        return agent_password_policy(self.tools.policy)

    def _note(self, act: Act, name: str | None, reason: str | None = None) -> None:
        with self.tools.store.write(Durability.RELAXED) as transaction:
            self._write(transaction, act, name, reason)

    def _write(self, transaction: Transaction, act: Act, name: str | None, reason: str | None = None) -> None:
        transaction.journal.write(_event(self.tools.clock.now(), act, name, reason))


def _event(at: datetime, act: Act, name: str | None, reason: str | None = None) -> Event:
    return Event(at=at, actor=Actor.AGENT, act=act, agent=name, reason=reason)
