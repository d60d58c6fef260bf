"""Asking the desk for an answer (DA-1). Nothing here looks a voter up (rule 2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.flows.contact_desk.answer_time_choices import answer_window
from core.flows.contact_desk.definition import SLUG, AskDeskAnswer
from core.flows.contact_desk.states import ContactRequestContent, ContactRequestPending
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import BrowserTokens
from core.flows.repeated_forms import RepeatedForms
from core.forms.errors import TooManyDeskRequestsFromNetwork
from core.policy.policy_and_calendar import CalendarOperation
from core.ports import Conflict, Durability, Event, EventType, LimitReached, MessageKind, RecoveryCase, Transaction
from core.security import key_purposes
from core.security.tokens import digest, new_case_handle, new_case_number

USEFUL = timedelta(days=2)
"""Time after its promised answer at which a request that no courier has read is dropped."""


@dataclass(frozen=True, slots=True)
class ContactRequests:
    """The use cases of a visitor who asks the desk for an answer."""

    dependencies: Dependencies

    def ask(self, answer: AskDeskAnswer, visit: BrowserTokens) -> str:
        """Store a request for the courier; a form that comes again finds its own. Return the browser's id of it.

        Raises VoteClosed, TooManyDeskRequestsFromNetwork.
        """
        form, rules = visit.form, self.dependencies
        rules.require_open(CalendarOperation.CONTACT, rules.clock.now())
        handle = new_case_handle(rules.entropy) if form is None else RepeatedForms(rules).token_of_form(form)
        if rules.find_case(handle) is None:
            state, number = self._state(answer, visit), new_case_number(rules.entropy)
            case = RecoveryCase(handle=digest(handle), number=number, flow=SLUG, state=state, began=state.terms.asked)
            try:
                self._store(case, visit.network)
            except Conflict:  # the same form at the same time
                assert rules.find_case(handle) is not None  # noqa: S101  # its handle is the only reason
        return handle

    def _state(self, answer: AskDeskAnswer, visit: BrowserTokens) -> ContactRequestPending:
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
        )
        return ContactRequestPending(typed=answer.email.typed, address=answer.email.key, terms=terms)

    def _store(self, case: RecoveryCase, network: str) -> None:
        """Count, save and queue a request in one transaction. Beyond a limit, save one that nobody reads. Raises Conflict."""
        state, policy = case.state, self.dependencies.policy
        assert isinstance(state, ContactRequestPending)  # noqa: S101  # as `_state` makes it
        now, window = state.terms.asked, timedelta(minutes=policy.asks_window_minutes)
        # The network first: what its own limit refuses uses up nothing of the address's.
        limits = {f"{state.address}|{network}": policy.asks_per_network, state.address: policy.asks_per_address}
        try:
            with self.dependencies.store.write(Durability.FULL) as transaction:
                self._count_network(transaction, network, now)
                for who, limit in limits.items():
                    bucket = self._bucket(who)
                    transaction.throttle.count_or_raise(bucket, limit=limit, window=window, now=now)
                number = self._add(transaction, case)
                transaction.outbox.put_without_returning_id(
                    kind=MessageKind.CONTACT, case=number, at=now, useful_until=state.terms.until + USEFUL
                )
                transaction.journal.write(
                    Event.by_voter(now, EventType.CALL_BACK_ASKED, case=number, reason=state.terms.reason)
                )
        except LimitReached:
            with self.dependencies.store.write(Durability.FULL) as transaction:
                self._count_network(transaction, network, now)
                number = self._add(transaction, msgspec.structs.replace(case, state=state.end()))
                dropped = Event.by_voter(now, EventType.ASK_DROPPED, case=number, reason="too-many-asks")
                transaction.journal.write(dropped)

    def _count_network(self, transaction: Transaction, network: str, now: datetime) -> None:
        """Count a request of any address: agents read each. Raises TooManyDeskRequestsFromNetwork."""
        policy, calendar = self.dependencies.policy, self.dependencies.calendar
        if not policy.desk_requests_per_network:
            return
        window = timedelta(minutes=policy.asks_window_minutes)
        verdict = transaction.throttle.count_or_refuse(
            self.bucket_of_network(network), limit=policy.desk_requests_per_network, window=window, now=now
        )
        if not verdict.allowed:
            raise TooManyDeskRequestsFromNetwork(until=calendar.to_local(verdict.until))

    def bucket_of_network(self, network: str) -> bytes:
        """Return the counter of a network's requests."""
        return self._bucket(f"|{network}")

    def _bucket(self, who: str) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"contact|{who}".encode())

    def _add(self, transaction: Transaction, case: RecoveryCase) -> str:
        """Store a case under a number that no other has; return the number. Raises Conflict if the form has a case."""
        while not transaction.recoveries.add(case):
            if transaction.recoveries.by_handle(case.handle) is not None:
                raise Conflict
            case = msgspec.structs.replace(case, number=new_case_number(self.dependencies.entropy))
        return case.number
