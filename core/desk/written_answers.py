"""Answers requests from the website by email. Emails go only to the address on the roll."""

from dataclasses import dataclass
from datetime import timedelta

from core.desk.authorisation import AgentSession, Authorisation, write_agent_event
from core.desk.call_backs import CallBacks, require_waiting, taken_error
from core.desk.progress import CaseProgress
from core.desk.steps import MessageContent, message_content
from core.desk.subjects import require_voter_on_roll
from core.flows.contact_desk.contact_requests import contact_request_facts
from core.flows.contact_desk.definition import SLUG
from core.flows.contact_desk.states import ContactRequestEnded
from core.flows.contact_desk.written_answer_catalogue import (
    WrittenAnswer,
    answers_with_subject_first,
    written_answers,
)
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.forms.field_parsers import mask_address
from core.ports import (
    AnswerWay,
    CallBack,
    EventType,
    MessageKind,
    RecoveryCase,
    Transaction,
    Voter,
)
from core.security import key_purposes
from core.text.faces.call_sentences import CallOutcome
from core.text.text import N_, Language, Text

DAY = timedelta(days=1)
CASES_READ = 50
HISTORY_READ = 200
NOT_AT_STEP = N_("la personne n'en est pas à l'étape {step}")
NOT_FROZEN = N_("son compte n'est pas bloqué")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedWrittenAnswer:
    id: str
    title: Text
    masked_address: str
    language: Language
    mail: MessageContent
    why_not: Text | None
    """Why the answer cannot be sent for this case, or None."""


@dataclass(frozen=True, slots=True)
class _WrittenRequest:
    call_back: CallBack
    voter: Voter
    case: RecoveryCase
    state: ContactRequestEnded


@dataclass(eq=False)
class WrittenAnswers:
    dependencies: Dependencies
    authorisation: Authorisation
    call_backs: CallBacks
    progress: CaseProgress

    def offered(self, session: AgentSession, call_back: int) -> tuple[OfferedWrittenAnswer, ...]:
        """Return the written answers to a request, best match first.

        Raises CallBackOver, CallBackTaken, AnswerNotInWriting, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)
        with self.dependencies.store.read() as transaction:
            request = self._request(transaction, session, call_back)
            why_not = {each.id: self._contradiction(transaction, request.voter, each) for each in self._answers}
        rules, terms, voter = self.dependencies, request.state.terms, request.voter
        facts = {
            **rules.election.facts,
            **contact_request_facts(terms, rules.calendar),
            "first_name": voter.first_name,
            "last_name": voter.last_name,
            "case": request.case.number,
        }
        return tuple(
            OfferedWrittenAnswer(
                id=answer.id,
                title=answer.title,
                masked_address=mask_address(voter.email),
                language=terms.language,
                mail=message_content(answer.mail, facts, terms.language),
                why_not=why_not[answer.id],
            )
            for answer in answers_with_subject_first(request.call_back.reason, self._answers)
        )

    def send(self, session: AgentSession, call_back: int, answer: str) -> None:
        """Send a written answer and finish the call-back.

        Raises AnswerContradictsCase, TooManyWrittenAnswers and the errors of `offered`.
        """
        self.authorisation.require_session(session, acting=True)
        chosen = next((offered for offered in self._answers if offered.id == answer), None)
        if chosen is None:
            raise errors.AnswerNotInWriting
        now, limit = self.dependencies.clock.now(), self.dependencies.policy.written_answers_per_voter_per_day

        def send(transaction: Transaction) -> None:
            request = self._request(transaction, session, call_back)
            voter, case = request.voter, request.case
            if self._contradiction(transaction, voter, chosen) is not None:
                raise errors.AnswerContradictsCase
            bucket = self.dependencies.vault.digest(key_purposes.THROTTLE, f"written-answer|{voter.id}".encode())
            if not transaction.throttle.count_or_refuse(bucket, limit=limit, window=DAY, now=now).allowed:
                raise errors.TooManyWrittenAnswers(count=limit)
            state = request.state.with_written_answer(chosen.id)
            transaction.recoveries.update_state(case, state, voter=voter.id)
            self.dependencies.queue_notice(
                transaction, MessageKind.CONTACT_ANSWER, case=case.number, voter=voter.id, at=now
            )
            act = EventType.ANSWERED_IN_WRITING
            write_agent_event(transaction, session.name, act, now, voter=voter.id, case=case.number, reason=chosen.id)
            self.call_backs.finish(transaction, session, call_back, CallOutcome.ANSWERED, now)

        self.authorisation.write(session, send)

    @property
    def _answers(self) -> tuple[WrittenAnswer, ...]:
        return written_answers(self.dependencies.policy, self.dependencies.election)

    def _contradiction(self, transaction: Transaction, voter: Voter, answer: WrittenAnswer) -> Text | None:
        if answer.says_frozen and voter.frozen is None:
            return NOT_FROZEN
        if answer.step is None:
            return None
        case = transaction.recoveries.latest(voter.id, answer.flow)
        history = [] if case is None else transaction.journal.case_history(case.number, HISTORY_READ)
        is_there = case is not None and self.progress.is_under_way_from(answer.step, case, history)
        return None if is_there else NOT_AT_STEP.fill({"step": answer.step})

    def _request(self, transaction: Transaction, session: AgentSession, call_back: int) -> _WrittenRequest:
        found = require_waiting(transaction, call_back)
        if found.taken_by not in {None, session.name}:
            raise taken_error(found, found.taken_by)
        if found.way is not AnswerWay.WRITING or found.voter is None:
            raise errors.AnswerNotInWriting
        voter = require_voter_on_roll(transaction, found.voter)
        own = transaction.recoveries.by_number(found.case) if found.case is not None else None
        for case in (own, *transaction.recoveries.of_voter(voter.id, CASES_READ)):
            if case is None or case.flow != SLUG or not isinstance(state := case.state, ContactRequestEnded):
                continue
            # The voter may have made several requests. The answer is for the one that the agent has read.
            if (state.terms.reason, state.terms.asked) == (found.reason, found.asked):
                return _WrittenRequest(found, voter, case, state)
        raise errors.AnswerNotInWriting
