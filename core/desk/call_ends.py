"""Records the end of a call in one transaction: its outcome, its length and its promises."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from core.desk.authorisation import AgentSession, Authorisation, write_agent_event
from core.desk.call_backs import CallBackPromise, CallBacks
from core.desk.hand_overs import HandOvers, NewHandOver
from core.desk.subjects import CallSubject, with_voter_of_case
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.ports import AnswerWay, CallBack, CallRecord, EventType, Transaction
from core.text.faces.call_sentences import CallOutcome

FIRST_MOMENT = datetime.fromtimestamp(0, UTC)
HISTORY_LINES = 50
SOLVING = {EventType.PASSWORD_CHOSEN, EventType.IDENTIFIER_IN_FORCE}
NEEDS_FILE = {CallOutcome.CALL_BACK, CallOutcome.PASSED_ON}
WITHOUT_ANSWER = (CallOutcome.SOLVED, CallOutcome.NOT_ENTITLED)
"""The outcomes that end a request without a written answer."""
CALLS_IN_ONLY = {CallOutcome.NOT_ENTITLED, CallOutcome.CUT_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """The end of a call. `call_back` is the promised call-back that this call was."""

    subject: CallSubject
    began: datetime
    outcome: CallOutcome
    call_back: int | None = None
    promise: CallBackPromise | None = None
    hand_over: NewHandOver | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedCallOutcome:
    """A corrected outcome of a call that has just ended."""

    call: int
    outcome: CallOutcome
    promise: CallBackPromise | None = None
    hand_over: NewHandOver | None = None


def possible_outcomes(subject: CallSubject, *, called_back: bool) -> tuple[CallOutcome, ...]:
    """Return the possible outcomes of a call, in the order of the list."""
    excluded = {*CALLS_IN_ONLY} if called_back else {CallOutcome.NO_ANSWER}
    excluded.add(CallOutcome.ANSWERED)
    if not subject.has_voter_or_case:
        excluded = excluded | NEEDS_FILE
    return tuple(each for each in CallOutcome if each not in excluded)


@dataclass(eq=False)
class CallEnds:
    dependencies: Dependencies
    authorisation: Authorisation
    call_backs: CallBacks
    hand_overs: HandOvers

    def evident_outcome(self, session: AgentSession, subject: CallSubject, began: datetime) -> CallOutcome | None:
        """Return the outcome that the voter's recent events imply, if any. Raises AgentSessionOver.

        A new password or identifier means SOLVED. A message that this agent requested means MESSAGE_SENT.
        """
        with self.authorisation.read(session) as transaction:
            voter = subject.voter
            history = [] if voter is None else transaction.journal.voter_history(voter, HISTORY_LINES)
        recent = [each.event for each in history if each.event.at >= began]
        if any(event.act in SOLVING for event in recent):
            return CallOutcome.SOLVED
        sent = any(event.act == EventType.ASKED and event.agent == session.name for event in recent)
        return CallOutcome.MESSAGE_SENT if sent else None

    def end(self, session: AgentSession, call: CallEnd) -> CallRecord:
        """Record a call and its promises. If the call is already recorded, correct it.

        Raises CallBackTimeOver, ColleagueUnknown, CallWithoutFile, CaseUnknown, MalformedDeskRequest, VoterNotOnRoll,
        AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)
        subject = call.subject
        return self.authorisation.write(
            session, lambda transaction: self._end(transaction, session, call), voter=subject.voter, case=subject.case
        )

    def correct(self, session: AgentSession, correction: CorrectedCallOutcome) -> CallRecord:
        """Correct the outcome of one of this agent's calls. Raises CallOfAnotherAgent and the errors of `end`."""
        self.authorisation.require_session(session, acting=True)

        def correct(transaction: Transaction) -> CallRecord:
            found = transaction.calls.by_id(correction.call)
            if found is None or found.agent != session.name:
                raise errors.CallOfAnotherAgent
            _require_outcome_without_answer(correction.outcome, None)
            return self._change(transaction, session, found, correction, self.dependencies.clock.now())

        return self.authorisation.write(session, correct)

    def _end(self, transaction: Transaction, session: AgentSession, call: CallEnd) -> CallRecord:
        now = self.dependencies.clock.now()
        began = min(max(call.began, FIRST_MOMENT), now)
        held = self.call_backs.find_call_back_taken_by_agent(transaction, session, call.call_back)
        _require_outcome_without_answer(call.outcome, held)
        subject = with_voter_of_case(transaction, call.subject)
        # A terminal that lost the answer sends the request again.
        written = transaction.calls.of_agent(session.name, began)
        if written is not None:
            return self._change(transaction, session, written, call, now)
        if held is None and call.outcome is CallOutcome.NO_ANSWER:
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
        if held is not None:
            self.call_backs.finish(transaction, session, held.id, call.outcome, now)
        self._follow(transaction, session, record, call, now)
        return msgspec.structs.replace(record, id=identity)

    def _change(
        self,
        transaction: Transaction,
        session: AgentSession,
        found: CallRecord,
        said: CallEnd | CorrectedCallOutcome,
        now: datetime,
    ) -> CallRecord:
        """Correct a recorded call, unless nothing changes."""
        record = msgspec.structs.replace(found, outcome=said.outcome)
        if record != found or said.promise is not None or said.hand_over is not None:
            transaction.calls.change(found, record)
            self._record(transaction, session, EventType.CALL_OUTCOME_CHANGED, record, now)
            self._end_former_promise(transaction, session, found, said.outcome, now)
            self._follow(transaction, session, record, said, now)
        return record

    def _end_former_promise(
        self, transaction: Transaction, session: AgentSession, call: CallRecord, outcome: CallOutcome, now: datetime
    ) -> None:
        """End the call-back that the call promised, so that the person is not called twice."""
        promises = transaction.call_backs
        waiting = promises.waiting_for_case(call.case or "") if call.voter is None else promises.waiting_for(call.voter)
        for each in waiting:
            if each.promised_by == session.name and each.asked >= call.ended:
                self.call_backs.finish(transaction, session, each.id, outcome, now)

    def _follow(
        self,
        transaction: Transaction,
        session: AgentSession,
        record: CallRecord,
        said: CallEnd | CorrectedCallOutcome,
        now: datetime,
    ) -> None:
        """Finish the voter's call-backs if the call solved the problem, and store a promise and a hand-over."""
        subject = CallSubject(voter=record.voter, case=record.case)
        if record.outcome is CallOutcome.SOLVED and record.voter is not None:
            self.call_backs.finish_all(transaction, session, record.voter, record.outcome, now)
        if said.promise is not None:
            self.call_backs.add(transaction, session, subject, said.promise, now)
        if said.hand_over is not None:
            self.hand_overs.add(transaction, session, subject, said.hand_over, now)

    def _record(
        self, transaction: Transaction, session: AgentSession, act: EventType, record: CallRecord, now: datetime
    ) -> None:
        voter, case = record.voter, record.case
        write_agent_event(transaction, session.name, act, now, voter=voter, case=case, reason=record.outcome)


def _require_outcome_without_answer(outcome: CallOutcome, call_back: CallBack | None) -> None:
    """Raise MalformedDeskRequest for an outcome that is impossible for a call. Only a sent mail is a written answer."""
    awaits_writing = call_back is not None and call_back.way is AnswerWay.WRITING
    ending = {*WITHOUT_ANSWER, CallOutcome.MESSAGE_SENT} if awaits_writing else {*CallOutcome} - {CallOutcome.ANSWERED}
    if outcome not in ending:
        raise errors.MalformedDeskRequest
