"""Records the end of a call: outcome, length and promises."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from core.desk.authorisation import AgentSession, Authorisation, write_agent_event
from core.desk.call_backs import WITHOUT_ANSWER, CallBackPromise, CallBacks
from core.desk.hand_overs import HandOvers, NewHandOver
from core.desk.subjects import CallSubject, with_voter_of_case
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.ports import AnswerWay, CallBack, CallRecord, Event, EventType, Transaction
from core.ports.desk_counts import FAILURES
from core.text.faces.call_sentences import CallOutcome

FIRST_MOMENT = datetime.fromtimestamp(0, UTC)
HISTORY_LINES = 50
SOLVING = {EventType.PASSWORD_CHOSEN, EventType.IDENTIFIER_IN_FORCE}
UNSOLVED = FAILURES | {
    EventType.FROZEN,
    EventType.UNFROZEN,
    EventType.IDENTIFIER_LOST,
    EventType.IDENTIFIER_DISOWNED,
    EventType.REISSUE_GIVEN_UP,
}
"""Event types after which the caller's problem counts as unsolved."""
LIKELY_AFTER: Mapping[str, CallOutcome] = {
    EventType.CALLER_REFUSED: CallOutcome.NOT_VERIFIED,
    EventType.FROZEN: CallOutcome.FROZEN,
}
NEEDS_FILE = {CallOutcome.CALL_BACK, CallOutcome.PASSED_ON}
CALLS_IN_ONLY = {CallOutcome.NOT_ENTITLED, CallOutcome.CUT_OFF}
ONLY_AFTER = {CallOutcome.MESSAGE_SENT: EventType.ASKED, CallOutcome.FROZEN: EventType.FROZEN}
NOT_AFTER = {
    CallOutcome.GUIDED: EventType.ASKED,
    CallOutcome.NOT_VERIFIED: EventType.CALLER_VERIFIED,
    CallOutcome.NOT_ENTITLED: EventType.CALLER_VERIFIED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    subject: CallSubject
    began: datetime
    outcome: CallOutcome
    call_back: int | None = None
    promise: CallBackPromise | None = None
    hand_over: NewHandOver | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedCallOutcome:
    call: int
    outcome: CallOutcome
    promise: CallBackPromise | None = None
    hand_over: NewHandOver | None = None


def possible_outcomes(subject: CallSubject, acts: Container[str], *, called_back: bool) -> tuple[CallOutcome, ...]:
    """Return the outcomes that fit a call. `acts` are the types of the events during the call."""
    excluded = {CallOutcome.ANSWERED, *(CALLS_IN_ONLY if called_back else [CallOutcome.NO_ANSWER])}
    excluded |= {outcome for outcome, act in ONLY_AFTER.items() if act not in acts}
    excluded |= {outcome for outcome, act in NOT_AFTER.items() if act in acts}
    if not subject.has_voter_or_case:
        excluded |= NEEDS_FILE
    return tuple(outcome for outcome in CallOutcome if outcome not in excluded)


@dataclass(frozen=True, slots=True)
class SuggestedOutcome:
    """An outcome suggested by the latest event, or None. If `is_certain`, the agent need not choose an outcome."""

    outcome: CallOutcome | None
    is_certain: bool


@dataclass(frozen=True, slots=True)
class OutcomeChoices:
    possible: tuple[CallOutcome, ...]
    suggested: SuggestedOutcome | None


def suggest_outcome(events: Sequence[Event], agent: str) -> SuggestedOutcome | None:
    """Return what the latest relevant event suggests, or None without such an event. `events` must be chronological."""
    for event in reversed(events):
        if event.act in SOLVING:
            return SuggestedOutcome(CallOutcome.SOLVED, is_certain=True)
        if event.act == EventType.ASKED and event.agent in {agent, None}:
            return SuggestedOutcome(CallOutcome.MESSAGE_SENT, is_certain=event.agent == agent)
        if event.act in UNSOLVED:
            return SuggestedOutcome(LIKELY_AFTER.get(event.act), is_certain=False)
    return None


@dataclass(eq=False)
class CallEnds:
    dependencies: Dependencies
    authorisation: Authorisation
    call_backs: CallBacks
    hand_overs: HandOvers

    def outcome_choices(
        self, session: AgentSession, subject: CallSubject, began: datetime, call_back: int | None
    ) -> OutcomeChoices:
        """Return the outcomes that fit the events of the call, and the suggested one. Raises AgentSessionOver."""
        with self.authorisation.read(session) as transaction:
            voter = subject.voter
            history = [] if voter is None else transaction.journal.voter_history(voter, HISTORY_LINES)
        events = [each.event for each in history if each.event.at >= began]
        possible = possible_outcomes(subject, {each.act for each in events}, called_back=call_back is not None)
        return OutcomeChoices(possible, suggest_outcome(events, session.name))

    def end(self, session: AgentSession, call: CallEnd) -> CallRecord:
        """Record the end of a call, or correct the record.

        Raises CallBackTimeOver, ColleagueUnknown, CallWithoutFile, CaseUnknown, MalformedDeskRequest, VoterNotOnRoll,
        AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)
        subject = call.subject
        return self.authorisation.write(
            session, lambda transaction: self._end(transaction, session, call), voter=subject.voter, case=subject.case
        )

    def correct(self, session: AgentSession, correction: CorrectedCallOutcome) -> CallRecord:
        """Correct the outcome of an agent's own call. Raises CallOfAnotherAgent and the errors of `end`."""
        self.authorisation.require_session(session, acting=True)

        def correct(transaction: Transaction) -> CallRecord:
            found = transaction.calls.by_id(correction.call)
            if found is None or found.agent != session.name:
                raise errors.CallOfAnotherAgent
            _require_possible_outcome(correction.outcome, None)
            return self._change(transaction, session, found, correction, self.dependencies.clock.now())

        return self.authorisation.write(session, correct)

    def _end(self, transaction: Transaction, session: AgentSession, call: CallEnd) -> CallRecord:
        now = self.dependencies.clock.now()
        began = min(max(call.began, FIRST_MOMENT), now)
        call_back = self.call_backs.find_call_back_taken_by_agent(transaction, session, call.call_back)
        _require_possible_outcome(call.outcome, call_back)
        subject = with_voter_of_case(transaction, call.subject)
        # If a terminal did not receive the answer, it may send the call again.
        recorded = transaction.calls.of_agent(session.name, began)
        if recorded is not None:
            return self._change(transaction, session, recorded, call, now)
        if call_back is None and call.outcome is CallOutcome.NO_ANSWER:
            call = replace(call, promise=None)  # a colleague has taken or finished the call-back
        record = CallRecord(
            agent=session.name,
            began=began,
            ended=now,
            outcome=call.outcome,
            voter=subject.voter,
            case=subject.case,
        )
        identity = transaction.calls.add(record)
        self._record(transaction, session, EventType.CALL_ENDED, record, now)
        if call_back is not None:
            self.call_backs.finish(transaction, session, call_back.id, call.outcome, now)
        self._store_follow_ups(transaction, session, record, call, now)
        return msgspec.structs.replace(record, id=identity)

    def _change(
        self,
        transaction: Transaction,
        session: AgentSession,
        found: CallRecord,
        details: CallEnd | CorrectedCallOutcome,
        now: datetime,
    ) -> CallRecord:
        record = msgspec.structs.replace(found, outcome=details.outcome)
        if record != found or details.promise is not None or details.hand_over is not None:
            transaction.calls.change(found, record)
            self._record(transaction, session, EventType.CALL_OUTCOME_CHANGED, record, now)
            self._end_former_promise(transaction, session, found, details.outcome, now)
            self._store_follow_ups(transaction, session, record, details, now)
        return record

    def _end_former_promise(
        self, transaction: Transaction, session: AgentSession, call: CallRecord, outcome: CallOutcome, now: datetime
    ) -> None:
        """After a correction, finish the call-backs that this agent had promised in the old outcome."""
        promises = transaction.call_backs
        waiting = promises.waiting_for_case(call.case or "") if call.voter is None else promises.waiting_for(call.voter)
        for promise in waiting:
            if promise.promised_by == session.name and promise.asked >= call.ended:
                self.call_backs.finish(transaction, session, promise.id, outcome, now)

    def _store_follow_ups(
        self,
        transaction: Transaction,
        session: AgentSession,
        record: CallRecord,
        details: CallEnd | CorrectedCallOutcome,
        now: datetime,
    ) -> None:
        subject = CallSubject(voter=record.voter, case=record.case)
        if record.outcome is CallOutcome.SOLVED and record.voter is not None:
            self.call_backs.finish_all(transaction, session, record.voter, record.outcome, now)
        if details.promise is not None:
            self.call_backs.add(transaction, session, subject, details.promise, now)
        if details.hand_over is not None:
            self.hand_overs.add(transaction, session, subject, details.hand_over, now)

    def _record(
        self, transaction: Transaction, session: AgentSession, act: EventType, record: CallRecord, now: datetime
    ) -> None:
        voter, case = record.voter, record.case
        write_agent_event(transaction, session.name, act, now, voter=voter, case=case, reason=record.outcome)


def _require_possible_outcome(outcome: CallOutcome, call_back: CallBack | None) -> None:
    awaits_writing = call_back is not None and call_back.way is AnswerWay.WRITING
    ending = {*WITHOUT_ANSWER, CallOutcome.MESSAGE_SENT} if awaits_writing else {*CallOutcome} - {CallOutcome.ANSWERED}
    if outcome not in ending:
        raise errors.MalformedDeskRequest
