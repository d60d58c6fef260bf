"""Handles requests for recovery emails. It does not look up voters, because that would reveal who is on the roll."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_handler import PENDING_LIFE, Visit
from core.flows.password.definition import SLUG
from core.flows.password.states import (
    LastRequestTimes,
    LinkRequestPending,
    LinkSent,
    MessageAsked,
    RequestedTooSoon,
    State,
)
from core.flows.repeated_forms import FormRepeated, refuse_repeated_form
from core.flows.requested_mails import RECOVERY_MAIL, count_requested_mail, recovery_mails_refused_until
from core.forms.field_parsers import ParsedEmailAddress
from core.policy.calendar import CalendarOperation
from core.ports import Actor, ConflictError, Event, EventType, LimitReached, MessageKind, RecoveryCase, Transaction
from core.security import key_purposes
from core.security.tokens import new_case_handle, seal, unseal
from core.text.text import Language

Save = Callable[[Transaction, State], RecoveryCase]


class PendingLinkRequest(msgspec.Struct, frozen=True, array_like=True):
    """Content of the encrypted cookie that keeps the typed address."""

    handle: str
    """Handle of the future case. If the form is sent twice, only one case is created."""
    typed: str
    address: str
    expires: int
    """The time at which the request expires, in seconds since 1970."""
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class PasswordLinkRequests:
    dependencies: Dependencies

    def seal_request(self, address: ParsedEmailAddress, *, forgotten: bool = False, handle: str | None = None) -> str:
        """Return an encrypted request for the cookie. `handle` defaults to a new handle."""
        expires = int((self.dependencies.clock.now() + PENDING_LIFE).timestamp())
        request = PendingLinkRequest(
            handle or new_case_handle(self.dependencies.entropy), address.typed, address.key, expires, forgotten
        )
        context = self.dependencies.election.site.encode()
        return seal(self.dependencies.vault, key_purposes.PENDING_REQUEST, request, context=context)

    def unseal_request(self, token: str | None) -> PendingLinkRequest | None:
        """Return the request in an encrypted cookie, or None if it is not valid."""
        vault, context = self.dependencies.vault, self.dependencies.election.site.encode()
        pending = unseal(vault, key_purposes.PENDING_REQUEST, token, PendingLinkRequest, context=context)
        if pending is None or pending.expires <= self.dependencies.clock.now().timestamp():
            return None
        return pending

    def request_link_mail(self, pending: PendingLinkRequest, visit: Visit) -> None:
        """Store a new case, and queue its recovery email. Raises NotYetOpen, VoteClosed."""
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.ASK_PASSWORD, now)
        times = self.times_of_new_link_request(now, visit.language)
        state = LinkRequestPending(typed=pending.typed, address=pending.address, asking=times)
        add = partial(self.dependencies.add_case, flow=SLUG, handle=pending.handle)
        with suppress(ConflictError):
            self._store_link_request(state, visit.network, add, now)

    def request_link_mail_again(self, visit: Visit) -> None:
        """Queue another recovery email, unless it is too soon. Raises NotYetOpen, VoteClosed."""
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.ASK_PASSWORD, now)
        with suppress(FormRepeated):
            retry_on_conflict(lambda: self._ask_again(visit, now))

    def _ask_again(self, visit: Visit, now: datetime) -> None:
        case = self.dependencies.find_case(visit.case)
        if case is None:
            return
        state = state_after_new_request(case.state, self.times_of_new_link_request(now, visit.language))
        if state is None:
            return

        def save(transaction: Transaction, state: State) -> RecoveryCase:
            refuse_repeated_form(self.dependencies, transaction, visit.form, now, EventType.ASKED)
            transaction.recoveries.update_state(case, state)
            return case

        self._store_link_request(state, visit.network, save, now)

    def _store_link_request(
        self, state: LinkRequestPending | LinkSent, network: str, save: Save, now: datetime
    ) -> None:
        try:
            with self.dependencies.store.write() as transaction:
                count_requested_mail(self.dependencies, transaction, state.address, network, now, share=RECOVERY_MAIL)
                case = save(transaction, state)
                event = Event(at=now, actor=Actor.VOTER, act=EventType.ASKED, case=case.number)
                self.queue_link_request(transaction, state.asking, event)
        except LimitReached:
            with self.dependencies.store.write() as transaction:
                again_from = recovery_mails_refused_until(self.dependencies, transaction, state.address, network, now)
                refused = msgspec.structs.replace(state.asking, again_from=again_from, refused=True)
                case = save(transaction, msgspec.structs.replace(state, asking=refused).leave_unanswered())
                dropped = Event(
                    at=now, actor=Actor.VOTER, act=EventType.ASK_DROPPED, case=case.number, reason="too-many-asks"
                )
                transaction.journal.write(dropped)

    def times_of_new_link_request(self, now: datetime, language: Language | None = None) -> LastRequestTimes:
        policy, closes = self.dependencies.policy, self.dependencies.calendar.vote_closes
        valid = min(timedelta(minutes=policy.link_valid_minutes), closes - now)
        again_from = now + timedelta(minutes=policy.resend_after_minutes)
        return LastRequestTimes(at=now, until=now + valid, again_from=again_from, language=language)

    def queue_link_request(self, transaction: Transaction, request_times: LastRequestTimes, event: Event) -> None:
        assert event.case is not None  # noqa: S101  # a request always has a case
        margin = timedelta(minutes=self.dependencies.policy.link_mail_margin_minutes)
        useful_until = max(request_times.until - margin, request_times.at)
        transaction.outbox.put(kind=MessageKind.ASK, case=event.case, at=event.at, useful_until=useful_until)
        transaction.journal.write(event)


def state_after_new_request(state: object, request_times: LastRequestTimes) -> LinkRequestPending | LinkSent | None:
    """Return the state after a request for another email, or None if no request is possible now."""
    if isinstance(state, MessageAsked):
        with suppress(RequestedTooSoon):
            return state.ask_again(request_times)
    return None
