"""Requests for the message of a forgotten password (MP-1 to MP-4). No voter is looked up here (rule 2).

Until the message is requested, the browser holds the typed address sealed, and nothing is stored.
"""

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
from core.forms.field_parsers import ParsedEmailAddress
from core.policy.calendar import CalendarOperation
from core.ports import Actor, ConflictError, Event, EventType, LimitReached, MessageKind, RecoveryCase, Transaction
from core.security import key_purposes
from core.security.tokens import new_case_handle, seal, unseal
from core.text.text import Language

Save = Callable[[Transaction, State], RecoveryCase]
"""Stores the case in a state and returns it, or raises ConflictError."""


class PendingLinkRequest(msgspec.Struct, frozen=True, array_like=True):
    """A request as the browser holds it, before the message is requested."""

    handle: str
    """The handle of the future case. It creates at most one case, however often the button is pressed."""
    typed: str
    address: str
    expires: int
    """Seconds since 1970."""
    forgotten: bool = False
    """True if the voter has chosen "Mot de passe oublié"."""


@dataclass(frozen=True, slots=True)
class PasswordLinkRequests:
    """Stores requests for the recovery mail."""

    dependencies: Dependencies

    def seal_request(self, address: ParsedEmailAddress, *, forgotten: bool = False, handle: str | None = None) -> str:
        """Seal a request for an address, under `handle` or a new one."""
        expires = int((self.dependencies.clock.now() + PENDING_LIFE).timestamp())
        request = PendingLinkRequest(
            handle or new_case_handle(self.dependencies.entropy), address.typed, address.key, expires, forgotten
        )
        context = self.dependencies.election.site.encode()
        return seal(self.dependencies.vault, key_purposes.PENDING_REQUEST, request, context=context)

    def unseal_request(self, token: str | None) -> PendingLinkRequest | None:
        """Unseal a request. Return None if it is forged, expired, or of another election."""
        vault, context = self.dependencies.vault, self.dependencies.election.site.encode()
        found = unseal(vault, key_purposes.PENDING_REQUEST, token, PendingLinkRequest, context=context)
        return found if found is not None and found.expires > self.dependencies.clock.now().timestamp() else None

    def request_link_mail(self, pending: PendingLinkRequest, visit: Visit) -> None:
        """Store the case and its request, unless this was done before. Raises NotYetOpen, VoteClosed."""
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.ASK_PASSWORD, now)
        times = self.times_of_new_link_request(now, visit.language)
        state = LinkRequestPending(typed=pending.typed, address=pending.address, asking=times)
        add = partial(self.dependencies.add_case, flow=SLUG, handle=pending.handle)
        with suppress(ConflictError):
            self._store_link_request(state, visit.network, add, now)

    def request_link_mail_again(self, visit: Visit) -> None:
        """Request another mail. Does nothing during the pause or for a repeated form. Raises NotYetOpen, VoteClosed."""
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

        def move(transaction: Transaction, state: State) -> RecoveryCase:
            refuse_repeated_form(self.dependencies, transaction, visit.form, now, EventType.ASKED)
            transaction.recoveries.update_state(case, state)
            return case

        self._store_link_request(state, visit.network, move, now)

    def _store_link_request(
        self, state: LinkRequestPending | LinkSent, network: str, save: Save, now: datetime
    ) -> None:
        """Count, store and queue a request in one transaction. Over a limit, do not queue it (CASE 3)."""
        policy = self.dependencies.policy
        window = timedelta(minutes=policy.asks_window_minutes)
        # Count the network first, so that a request refused there does not count against the address.
        limits = {f"{state.address}|{network}": policy.asks_per_network, state.address: policy.asks_per_address}
        try:
            with self.dependencies.store.write() as transaction:
                for who, limit in limits.items():
                    bucket = self.dependencies.vault.digest(key_purposes.THROTTLE, f"ask|{who}".encode())
                    transaction.throttle.count_or_raise(bucket, limit=limit, window=window, now=now)
                case = save(transaction, state)
                event = Event(at=now, actor=Actor.VOTER, act=EventType.ASKED, case=case.number)
                self.queue_link_request(transaction, state.asking, event)
        except LimitReached:
            with self.dependencies.store.write() as transaction:
                case = save(transaction, state.leave_unanswered())
                dropped = Event(
                    at=now, actor=Actor.VOTER, act=EventType.ASK_DROPPED, case=case.number, reason="too-many-asks"
                )
                transaction.journal.write(dropped)

    def times_of_new_link_request(self, now: datetime, language: Language | None = None) -> LastRequestTimes:
        """Return the times of a request made now, with the page's language."""
        policy, closes = self.dependencies.policy, self.dependencies.calendar.vote_closes
        valid = min(timedelta(minutes=policy.link_valid_minutes), closes - now)
        again_from = now + timedelta(minutes=policy.resend_after_minutes)
        return LastRequestTimes(at=now, until=now + valid, again_from=again_from, language=language)

    def queue_link_request(self, transaction: Transaction, request_times: LastRequestTimes, event: Event) -> None:
        """Queue a request for the courier, and write its event."""
        assert event.case is not None  # noqa: S101  # a request always has a case
        margin = timedelta(minutes=self.dependencies.policy.link_mail_margin_minutes)
        useful_until = max(request_times.until - margin, request_times.at)
        transaction.outbox.put(kind=MessageKind.ASK, case=event.case, at=event.at, useful_until=useful_until)
        transaction.journal.write(event)


def state_after_new_request(state: object, request_times: LastRequestTimes) -> LinkRequestPending | LinkSent | None:
    """Return the state after another request, or None if it is too early or the first request."""
    if isinstance(state, MessageAsked):
        with suppress(RequestedTooSoon):
            return state.ask_again(request_times)
    return None
