"""Who is on duty, whose caller is verified, who signed beside: values that only this package can make (rule 11).

Each carries a keyed digest of what it says. An act that takes one checks it, so none can be made up, kept beyond its time,
or used for somebody else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from core import errors, purposes
from core.ports import Act, Actor, Agent, Durability, Event, Role, Vault
from core.service.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Someone signed in at a terminal. It ends with their account's epoch."""

    agent: int
    name: str
    role: Role
    epoch: int
    since: datetime
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Someone who signed in with the password that the operator gave, and must choose their own now."""

    agent: int
    name: str
    epoch: int
    since: datetime
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller whom that agent has verified to be that voter, for this call."""

    agent: int
    voter: int
    until: datetime
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A supervisor's, beside that agent, for that voter."""

    supervisor: str
    agent: int
    voter: int
    until: datetime
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proofs:
    """Makes and checks them."""

    tools: Tools

    def duty(self, agent: Agent, since: datetime) -> Duty:
        """On duty since then."""
        proof = self._proof("duty", agent.id, agent.epoch, since)
        return Duty(agent=agent.id, name=agent.name, role=agent.role, epoch=agent.epoch, since=since, proof=proof)

    def newcomer(self, agent: Agent, since: datetime) -> Newcomer:
        """To choose a password since then."""
        proof = self._proof("newcomer", agent.id, agent.epoch, since)
        return Newcomer(agent=agent.id, name=agent.name, epoch=agent.epoch, since=since, proof=proof)

    def caller(self, duty: Duty, voter: int, now: datetime) -> Caller:
        """Verified from then on, for a call's time."""
        until = now + timedelta(minutes=self.tools.policy.caller_valid_minutes)
        proof = self._proof("caller", duty.agent, voter, until)
        return Caller(agent=duty.agent, voter=voter, until=until, proof=proof)

    def signature(self, supervisor: Agent, duty: Duty, voter: int, now: datetime) -> Signature:
        """Signed then."""
        until = now + timedelta(minutes=self.tools.policy.signature_valid_minutes)
        proof = self._proof("signature", supervisor.name, duty.agent, voter, until)
        return Signature(supervisor=supervisor.name, agent=duty.agent, voter=voter, until=until, proof=proof)

    def require_duty(self, duty: Duty, *, acting: bool = False) -> None:
        """Raises DutyOver, and NotAllowed when the role may only read; the journal keeps that somebody tried."""
        genuine = self._same(duty.proof, "duty", duty.agent, duty.epoch, duty.since)
        agent = self._agent(duty.name) if genuine else None
        if agent is None or agent.removed is not None or agent.epoch != duty.epoch:
            raise errors.DutyOver
        if acting and agent.role is Role.AUDITOR:
            self._note_not_allowed(duty)
            raise errors.NotAllowed

    def _note_not_allowed(self, duty: Duty) -> None:
        event = Event(
            at=self.tools.clock.now(),
            actor=Actor.AGENT,
            act=Act.ACT_REFUSED,
            agent=duty.name,
            reason=errors.NotAllowed.id,
        )
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.journal.write(event)

    def require_newcomer(self, newcomer: Newcomer) -> Agent:
        """Who it is. Raises DutyOver."""
        genuine = self._same(newcomer.proof, "newcomer", newcomer.agent, newcomer.epoch, newcomer.since)
        agent = self._agent(newcomer.name) if genuine else None
        if agent is None or agent.removed is not None or agent.epoch != newcomer.epoch:
            raise errors.DutyOver
        return agent

    def require_caller(self, duty: Duty, caller: Caller) -> None:
        """Raises CallerForgotten unless that agent verified that caller, in this call; DutyOver, NotAllowed."""
        self.require_duty(duty, acting=True)
        if not self.holds(duty, caller):
            raise errors.CallerForgotten

    def holds(self, duty: Duty, caller: Caller) -> bool:
        """Whether that caller is verified, by that agent, now."""
        genuine = self._same(caller.proof, "caller", caller.agent, caller.voter, caller.until)
        return genuine and caller.agent == duty.agent and self.tools.clock.now() < caller.until

    def require_signature(self, duty: Duty, voter: int, signature: Signature) -> None:
        """Raises SignatureRefused unless a supervisor signed beside that agent, for that voter, just now."""
        said = (signature.supervisor, signature.agent, signature.voter, signature.until)
        meant = (signature.agent, signature.voter) == (duty.agent, voter)
        fresh = self.tools.clock.now() < signature.until
        if not (self._same(signature.proof, "signature", *said) and meant and fresh):
            raise errors.SignatureRefused

    def _agent(self, name: str) -> Agent | None:
        with self.tools.store.read() as transaction:
            return transaction.agents.by_name(name)

    def _proof(self, kind: str, *said: object) -> bytes:
        return proof_of(self.tools.vault, kind, *said)

    def _same(self, proof: bytes, kind: str, *said: object) -> bool:
        return compare_digest(proof, self._proof(kind, *said))


def proof_of(vault: Vault, kind: str, *said: object) -> bytes:
    """The keyed digest of what is said."""
    return vault.digest(purposes.DESK, "|".join((kind, *map(str, said))).encode())
