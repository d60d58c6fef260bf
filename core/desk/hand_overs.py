from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from core.desk.authorisation import AgentSession, Authorisation, write_agent_event
from core.desk.subjects import CallSubject, name_of
from core.desk.voter_status import VoterStatusReader
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.ports import Agent, AgentRole, EventType, HandOver, Transaction
from core.text.faces.call_sentences import HandOverReason

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Colleague:
    name: str
    is_supervisor: bool
    has_file_open: bool


@dataclass(frozen=True, slots=True)
class NewHandOver:
    to: str
    reason: HandOverReason


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverLine:
    """A handed-over file, shown on agents' home screens."""

    id: int
    voter: int | None
    name: str | None
    case: str | None
    reason: HandOverReason
    given_by: str
    given: datetime
    receiver_gone: str | None
    """Name of a receiver who can no longer act, or None."""


@dataclass(eq=False)
class HandOvers:
    dependencies: Dependencies
    authorisation: Authorisation
    status: VoterStatusReader

    def colleagues(self, session: AgentSession, reason: HandOverReason | None = None) -> tuple[Colleague, ...]:
        """Return the other agents who may make changes, sorted by name. Raises AgentSessionOver.

        If the reason is that a supervisor is needed, return only supervisors.
        """
        with self.authorisation.read(session) as transaction:
            agents, reading = transaction.agents.all(), self.status.open_files(self.dependencies.clock.now())
        return tuple(
            Colleague(agent.name, agent.role is AgentRole.SUPERVISOR, agent.name in reading)
            for agent in agents
            if _may_act(agent) and agent.name != session.name and _suits(agent, reason)
        )

    def take(self, session: AgentSession, hand_over: int) -> HandOverLine:
        self.authorisation.require_session(session, acting=True)

        def take(transaction: Transaction) -> HandOverLine:
            now, found = self.dependencies.clock.now(), transaction.hand_overs.by_id(hand_over)
            if found is None or found.taken is not None:
                raise errors.HandOverOver
            if found.given_to != session.name and _is_colleague(transaction, found.given_to):
                raise errors.HandOverOver
            transaction.hand_overs.change(found, msgspec.structs.replace(found, taken=now))
            act = EventType.HAND_OVER_TAKEN
            write_agent_event(transaction, session.name, act, now, voter=found.voter, case=found.case)
            return self._line(transaction, found, session)

        return self.authorisation.write(session, take)

    def add(
        self, transaction: Transaction, session: AgentSession, subject: CallSubject, new: NewHandOver, now: datetime
    ) -> None:
        """Store a hand-over, unless an identical one is already waiting. Raises ColleagueUnknown, CallWithoutFile."""
        if not subject.has_voter_or_case:
            raise errors.CallWithoutFile
        if new.to == session.name:
            raise errors.ColleagueUnknown
        require_colleague(transaction, new.to, new.reason)
        handed = HandOver(
            reason=new.reason,
            voter=subject.voter,
            case=subject.case,
            given_by=session.name,
            given_to=new.to,
            given=now,
        )
        waiting = transaction.hand_overs.waiting_for(new.to, MOST_SHOWN)
        if any(msgspec.structs.replace(each, id=handed.id, given=now, version=0) == handed for each in waiting):
            return
        transaction.hand_overs.add(handed)
        act, voter, case = EventType.FILE_HANDED_OVER, subject.voter, subject.case
        write_agent_event(transaction, session.name, act, now, voter=voter, case=case, reason=new.reason)

    def hand_over_lines(self, transaction: Transaction, session: AgentSession) -> Iterator[HandOverLine]:
        """Yield hand-overs to this agent, then hand-overs to agents who can no longer act."""
        own = transaction.hand_overs.waiting_for(session.name, MOST_SHOWN)
        gone = (agent.name for agent in transaction.agents.all() if not _may_act(agent))
        deserted = [hand_over for name in gone for hand_over in transaction.hand_overs.waiting_for(name, MOST_SHOWN)][
            :MOST_SHOWN
        ]
        return (self._line(transaction, hand_over, session) for hand_over in (*own, *deserted))

    def _line(self, transaction: Transaction, found: HandOver, session: AgentSession) -> HandOverLine:
        return HandOverLine(
            id=found.id,
            voter=found.voter,
            name=name_of(transaction, found.voter),
            case=found.case,
            reason=found.reason,
            given_by=found.given_by,
            given=self.dependencies.calendar.to_local(found.given),
            receiver_gone=None if found.given_to == session.name else found.given_to,
        )


def require_colleague(transaction: Transaction, name: str, reason: HandOverReason | None = None) -> None:
    """Raise ColleagueUnknown unless an agent with this name may make changes and has the role that the reason needs."""
    if not _is_colleague(transaction, name, reason):
        raise errors.ColleagueUnknown


def _is_colleague(transaction: Transaction, name: str, reason: HandOverReason | None = None) -> bool:
    found = transaction.agents.by_name(name)
    return found is not None and _may_act(found) and _suits(found, reason)


def _suits(agent: Agent, reason: HandOverReason | None) -> bool:
    return reason is not HandOverReason.SUPERVISOR_NEEDED or agent.role is AgentRole.SUPERVISOR


def _may_act(agent: Agent) -> bool:
    return agent.removed is None and agent.role is not AgentRole.AUDITOR
