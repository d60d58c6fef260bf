"""Turns requests to the helpdesk into call-backs."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from core.flows.contact_desk.contact_requests import contact_request_facts
from core.flows.contact_desk.definition import ContactFlow
from core.flows.contact_desk.states import ContactRequestContent, ContactRequestEnded, ContactRequestPending
from core.flows.contact_desk.written_answer_catalogue import written_answers
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_messages import MailContent, OutboxMessageProcessor
from core.ports import (
    Actor,
    AnswerWay,
    CallBack,
    CallBackOrigin,
    Event,
    EventType,
    MessageKind,
    MessageState,
    OutboxMessage,
    Transaction,
    Voter,
)
from core.security.outbox_sealing import Kept


@dataclass(frozen=True, slots=True)
class ContactRequestProcessor(OutboxMessageProcessor):
    dependencies: Dependencies
    steps: ContactFlow

    def prepare(self, message: OutboxMessage, content: Kept | None) -> None:  # noqa: ARG002  # nothing is sealed in a request
        """Add a call-back and queue a confirmation email, if the address is on the roll."""
        retry_on_conflict(partial(self._process, message))

    def _process(self, message: OutboxMessage) -> None:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            case = transaction.recoveries.by_number(message.case)
            if case is None or not isinstance(case.state, ContactRequestPending):
                self._drop(transaction, message, "no-longer-wanted", now)
                return
            on_roll = transaction.voters.by_address(case.state.address)
            voter = None if on_roll is None else on_roll.id
            transaction.recoveries.update_state(case, case.state.end(), voter=voter)
            if voter is None:
                self._drop(transaction, message, "not-on-the-roll", now)
                return
            typed = case.state.terms.case
            is_theirs = typed is not None and transaction.recoveries.voter_of(typed) == voter
            self._add_call_back(transaction, voter, typed if typed and is_theirs else case.number, case.state.terms)
            if case.state.confirm:
                transaction.outbox.put(
                    kind=MessageKind.CONTACT_NOTED,
                    case=case.number,
                    at=now,
                    useful_until=message.useful_until,
                    voter=voter,
                )
            transaction.outbox.finish(message, MessageState.SENT, at=now)

    def _add_call_back(self, transaction: Transaction, voter: int, case: str, terms: ContactRequestContent) -> None:
        """Add a call-back, or change one that is waiting. Only the browser that requested a call-back may replace it."""
        requested = CallBack(
            origin=CallBackOrigin.WEB_FORM,
            way=terms.way,
            reason=terms.reason,
            voter=voter,
            case=case,
            asked=terms.asked,
            due=terms.due,
            until=terms.until,
        )
        waiting = [
            entry
            for entry in transaction.call_backs.waiting_for(voter)
            if (entry.origin, entry.reason, entry.taken_by) == (requested.origin, requested.reason, None)
        ]
        for entry in waiting:
            if entry.asked == terms.replaces and not entry.shared:
                own = msgspec.structs.replace(requested, id=entry.id, version=entry.version)
                transaction.call_backs.change(entry, own)
                return
        for entry in waiting:
            if entry.way is terms.way and (entry.way is AnswerWay.WRITING or entry.until == terms.until):
                until = terms.until if entry.until is None else min(entry.until, terms.until)
                joined = msgspec.structs.replace(entry, due=min(entry.due, terms.due), until=until, shared=True)
                transaction.call_backs.change(entry, joined)
                return
        transaction.call_backs.add(requested)

    def _drop(self, transaction: Transaction, message: OutboxMessage, reason: str, now: datetime) -> None:
        transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason=reason)
        transaction.journal.write(
            Event(at=now, actor=Actor.COURIER, act=EventType.ASK_DROPPED, case=message.case, reason=reason)
        )

    def acknowledgement(self, _message: OutboxMessage, _voter: Voter, state: object) -> MailContent | None:
        if not isinstance(state, ContactRequestEnded):
            return None
        facts = contact_request_facts(state.terms, self.dependencies.calendar)
        return MailContent(message=self.steps.acknowledgement, facts=facts, language=state.terms.language)

    def written_answer(self, _message: OutboxMessage, _voter: Voter, state: object) -> MailContent | None:
        """Return the email with the last written answer, or None if there is none."""
        if not isinstance(state, ContactRequestEnded):
            return None
        rules = self.dependencies
        answers = written_answers(rules.policy, rules.election)
        answer = next((answer for answer in answers if answer.id == state.answer), None)
        if answer is None:
            return None
        facts = contact_request_facts(state.terms, rules.calendar)
        return MailContent(message=answer.mail, facts=facts, language=state.terms.language)
