"""Stores requests to the helpdesk. It does not look up the voter, because that would reveal who is on the roll."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.flows.board_alarms import IPV6_DESK_REQUESTS, raise_board_alarm
from core.flows.contact_desk.answer_time_choices import answer_window
from core.flows.contact_desk.definition import SLUG, AskDeskAnswer, ContactFlow
from core.flows.contact_desk.states import ContactRequestContent, ContactRequestPending, State
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.flows.repeated_forms import token_of_form
from core.flows.requested_mails import CONFIRMATION, count_requested_mail
from core.forms.errors import TooManyDeskRequestsFromNetwork
from core.forms.flow_model import ShownStep
from core.policy.calendar import Calendar, CalendarOperation
from core.policy.ipv6_networks import counted_networks, network_to_report
from core.ports import Actor, AnswerWay, ConflictError, Event, EventType, LimitReached, MessageKind, Transaction
from core.security import key_purposes
from core.security.tokens import new_case_handle
from core.text.text import N_, Day, Moment, Text, TimeOfDay

WRITES = N_("L'assistance répond à cette adresse au plus tard le {until} (heure de Paris).")
CALLS = N_("L'assistance vous appelle {day}, entre {begins} et {ends} (heure de Paris).")
USEFUL_AFTER_PROMISE = timedelta(days=2)
"""An unprocessed request is dropped this long after the promised answer time."""


@dataclass(frozen=True, slots=True)
class ContactRequests:
    dependencies: Dependencies

    def ask(self, answer: AskDeskAnswer, visit: Visit) -> str:
        """Store a request, and return the handle of its case. Raises VoteClosed, TooManyDeskRequestsFromNetwork."""
        form, rules = visit.form, self.dependencies
        rules.require_open(CalendarOperation.CONTACT, rules.clock.now())
        handle = new_case_handle(rules.entropy) if form is None else token_of_form(rules.vault, form)
        if rules.find_case(handle) is None:
            with suppress(ConflictError):  # the same form, sent at the same time, has stored it
                self._store(self._state(answer, visit), handle, visit.network)
        return handle

    def _state(self, answer: AskDeskAnswer, visit: Visit) -> ContactRequestPending:
        now, rules = self.dependencies.clock.now(), self.dependencies
        window = answer_window(rules.policy, rules.calendar, answer.answer_time, now)
        terms = ContactRequestContent(
            reason=answer.subject,
            way=window.way,
            asked=now,
            due=window.begins,
            until=window.ends,
            language=visit.language,
            case=answer.case_number,
            replaces=self._last_asked(answer.email.key, visit),
        )
        return ContactRequestPending(typed=answer.email.typed, address=answer.email.key, terms=terms)

    def _last_asked(self, address: str, visit: Visit) -> datetime | None:
        former = None if visit.contact is None else self.dependencies.find_case(visit.contact)
        state = None if former is None else former.state
        return state.terms.asked if isinstance(state, State) and state.address == address else None

    def _store(self, state: ContactRequestPending, handle: str, network: str) -> None:
        """Store and queue a request. Raises ConflictError, TooManyDeskRequestsFromNetwork."""
        now = state.terms.asked
        try:
            with self.dependencies.store.write() as transaction:
                count_requested_mail(self.dependencies, transaction, state.address, network, now, share=CONFIRMATION)
                self._queue(transaction, state, handle, network)
        except LimitReached:
            with self.dependencies.store.write() as transaction:
                self._queue(transaction, msgspec.structs.replace(state, confirm=False), handle, network)

    def _queue(self, transaction: Transaction, state: ContactRequestPending, handle: str, network: str) -> None:
        terms = state.terms
        self._count_network(transaction, network, terms.asked)
        case = self.dependencies.add_case(transaction, state, flow=SLUG, handle=handle, began=terms.asked).number
        useful = terms.until + USEFUL_AFTER_PROMISE
        transaction.outbox.put(kind=MessageKind.CONTACT, case=case, at=terms.asked, useful_until=useful)
        asked = Event(at=terms.asked, actor=Actor.VOTER, act=EventType.CALL_BACK_ASKED, case=case, reason=terms.reason)
        transaction.journal.write(asked)

    def _count_network(self, transaction: Transaction, network: str, now: datetime) -> None:
        policy, calendar = self.dependencies.policy, self.dependencies.calendar
        if not policy.desk_requests_per_network:
            return
        window = timedelta(minutes=policy.asks_window_minutes)
        count, limit = transaction.throttle.count_or_refuse, policy.desk_requests_per_network
        for name, factor in counted_networks(network, policy):
            verdict = count(self.bucket_of_network(name), limit=limit * factor, window=window, now=now)
            if not verdict.allowed:
                raise TooManyDeskRequestsFromNetwork(until=calendar.to_local(verdict.until))
        wide = network_to_report(network, policy)
        if wide is not None:
            bucket = self.bucket_of_network(wide.name)
            if not count(bucket, limit=limit * wide.factor, window=window, now=now).allowed:
                raise_board_alarm(self.dependencies, transaction, IPV6_DESK_REQUESTS)

    def bucket_of_network(self, network: str) -> bytes:
        return self._bucket(f"|{network}")

    def _bucket(self, who: str) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"contact|{who}".encode())


def contact_request_page(state: object, number: str, steps: ContactFlow, calendar: Calendar) -> ShownStep:
    """Return the page about a request. The page must not reveal whether the address is on the roll."""
    if not isinstance(state, State):
        return ShownStep(step=steps.ask, case=number)
    facts = {"address": state.typed, **contact_request_facts(state.terms, calendar)}
    return ShownStep(step=steps.asked, facts=facts, case=number, message_language=state.terms.language)


def contact_request_facts(terms: ContactRequestContent, calendar: Calendar) -> Mapping[str, object]:
    return {
        "subject": terms.reason.sentence,
        "answer": answer_time_sentence(terms, calendar),
        "asked_at": Moment(calendar.to_local(terms.asked)),
    }


def answer_time_sentence(terms: ContactRequestContent, calendar: Calendar) -> Text:
    begins, ends = calendar.to_local(terms.due), calendar.to_local(terms.until)
    if terms.way is AnswerWay.WRITING:
        return WRITES.fill({"until": Moment(ends)})
    return CALLS.fill({"day": Day(begins), "begins": TimeOfDay(begins), "ends": TimeOfDay(ends)})
