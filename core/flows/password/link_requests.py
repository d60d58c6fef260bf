"""Asking for the message of a forgotten password (MP-1 to MP-4). Nothing here looks a voter up (rule 2).

Until the message is asked for, the browser holds the typed address sealed, and nothing is stored. Then it holds the ask sealed, under
the number that its voter has written down: an ask is told before it is on the disk (DESIGN section 7), and made anew if it was lost.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec

from core.flows.dependencies import Dependencies, following_done_act, retry_on_conflict
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
from core.flows.repeated_forms import FormRepeated, RepeatedForms
from core.forms.field_parsers import ParsedEmailAddress
from core.policy.election_calendar import CalendarOperation
from core.ports import ConflictError, Event, EventType, LimitReached, MessageKind, RecoveryCase, Transaction
from core.security import key_purposes
from core.security.tokens import new_case_handle, seal, unseal
from core.text.text import Language

RESTORED = "restored"
"""The reason of the event of an ask that was lost."""
Save = Callable[[Transaction, State], RecoveryCase]


class PendingLinkRequest(msgspec.Struct, frozen=True, array_like=True):
    """A request whose message was not asked for yet, as the browser holds it."""

    handle: str
    """The browser's id of the case to come. It makes one case at most, however often the button is pressed."""
    typed: str
    address: str
    expires: int
    """Seconds since 1970."""
    forgotten: bool = False
    """True if the voter has chosen "Mot de passe oublié"."""


class SealedLinkRequest(msgspec.Struct, frozen=True, array_like=True):
    """The last ask of a case, as its browser holds it."""

    handle: str
    number: str
    typed: str
    address: str
    window: LastRequestTimes


@dataclass(frozen=True, slots=True)
class PasswordLinkRequests:
    """The use cases of asking for the message."""

    dependencies: Dependencies

    def seal_new_request(self, address: ParsedEmailAddress, *, forgotten: bool = False) -> str:
        """Seal a new request for that address."""
        handle = new_case_handle(self.dependencies.entropy)
        return self._seal(PendingLinkRequest(handle, address.typed, address.key, 0, forgotten))

    def reseal_as_password_forgotten(self, pending: PendingLinkRequest) -> str:
        """Seal the request again, of a voter who has chosen "Mot de passe oublié"."""
        return self._seal(msgspec.structs.replace(pending, forgotten=True))

    def _seal(self, pending: PendingLinkRequest) -> str:
        expires = int((self.dependencies.clock.now() + PENDING_LIFE).timestamp())
        content = msgspec.structs.replace(pending, expires=expires)
        return seal(self.dependencies.vault, key_purposes.PENDING_REQUEST, content, context=self._election)

    def unseal_pending_request(self, token: str | None) -> PendingLinkRequest | None:
        """Open a sealed request. None if it is forged, expired, or of another election."""
        vault = self.dependencies.vault
        found = unseal(vault, key_purposes.PENDING_REQUEST, token, PendingLinkRequest, context=self._election)
        return found if found is not None and found.expires > self.dependencies.clock.now().timestamp() else None

    @property
    def _election(self) -> bytes:
        return self.dependencies.election.site.encode()

    def request_link_mail(self, pending: PendingLinkRequest, visit: Visit) -> RecoveryCase | None:
        """Store the case and its request, in the language of the page. Nothing happens if this request was made already. Return the case.

        Raises NotYetOpen, VoteClosed.
        """
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.ASK_PASSWORD, now)
        state = LinkRequestPending(
            typed=pending.typed, address=pending.address, asking=self.times_of_new_link_request(now, visit.language)
        )
        add = partial(self.dependencies.add_case, flow=SLUG, handle=pending.handle)
        try:
            return self.store_link_request(state, visit.network, add, now)
        except ConflictError:
            with following_done_act():
                return self.dependencies.find_case(pending.handle)

    def request_link_mail_again(self, visit: Visit) -> RecoveryCase | None:
        """Ask once more in the visitor's case. Nothing happens during the cool-down, nor for a repeated form. Return the case.

        Raises NotYetOpen, VoteClosed.
        """
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.ASK_PASSWORD, now)
        try:
            return retry_on_conflict(lambda: self._ask_again(visit, now))
        except FormRepeated:
            with following_done_act():
                return self.dependencies.find_case(visit.case)

    def _ask_again(self, visit: Visit, now: datetime) -> RecoveryCase | None:
        case = self.dependencies.find_case(visit.case)
        state = (
            None
            if case is None
            else state_after_new_request(case.state, self.times_of_new_link_request(now, visit.language))
        )
        if case is None or state is None:
            return case

        def move(transaction: Transaction, state: State) -> RecoveryCase:
            if RepeatedForms(self.dependencies).count_form(transaction, visit.form, now, EventType.ASKED) > 1:
                raise FormRepeated
            return move_case(case, transaction, state)

        return self.store_link_request(state, visit.network, move, now)

    def store_link_request(
        self, state: LinkRequestPending | LinkSent, network: str, save: Save, now: datetime, reason: str | None = None
    ) -> RecoveryCase:
        """Count, save and queue a request in one transaction. Beyond a limit, save one that nobody answers (CASE 3)."""
        policy = self.dependencies.policy
        window = timedelta(minutes=policy.asks_window_minutes)
        # The network first: what its own limit refuses uses up nothing of the address's.
        limits = {f"{state.address}|{network}": policy.asks_per_network, state.address: policy.asks_per_address}
        try:
            with self.dependencies.store.write() as transaction:
                for who, limit in limits.items():
                    bucket = self.dependencies.vault.digest(key_purposes.THROTTLE, f"ask|{who}".encode())
                    transaction.throttle.count_or_raise(bucket, limit=limit, window=window, now=now)
                case = save(transaction, state)
                event = Event.by_voter(now, EventType.ASKED, case=case.number, reason=reason)
                self.queue_link_request(transaction, state.asking, event)
        except LimitReached:
            with self.dependencies.store.write() as transaction:
                case = save(transaction, state.leave_unanswered())
                dropped = Event.by_voter(now, EventType.ASK_DROPPED, case=case.number, reason="too-many-asks")
                transaction.journal.write(dropped)
        return case

    def times_of_new_link_request(self, now: datetime, language: Language | None = None) -> LastRequestTimes:
        """The times of an ask made now, and the language of the page that asked."""
        policy, closes = self.dependencies.policy, self.dependencies.calendar.vote_closes
        valid = min(timedelta(minutes=policy.link_valid_minutes), closes - now)
        pause = timedelta(minutes=policy.resend_after_minutes)
        return LastRequestTimes.of_request_at(now, valid=valid, pause=pause, language=language)

    def queue_link_request(self, transaction: Transaction, request_times: LastRequestTimes, event: Event) -> None:
        """Queue the request of that event's case for the courier, and write the event."""
        assert event.case is not None  # noqa: S101  # an ask always has a case
        margin = timedelta(minutes=self.dependencies.policy.link_mail_margin_minutes)
        useful_until = max(request_times.until - margin, request_times.at)
        transaction.outbox.put(kind=MessageKind.ASK, case=event.case, at=event.at, useful_until=useful_until)
        transaction.journal.write(event)

    def seal_last_request(self, handle: str, case: RecoveryCase | None) -> str | None:
        """Seal the last ask of that case."""
        if case is None or not isinstance(case.state, MessageAsked):
            return None
        state = case.state
        ask = SealedLinkRequest(handle, case.number, state.typed, state.address, state.asking)
        return seal(self.dependencies.vault, key_purposes.PENDING_REQUEST, ask, context=self._ask_context)

    def find_or_restore_case(self, visit: Visit) -> RecoveryCase | None:
        """Find the case that a browser holds. Its last ask is made anew if it is missing: then one more mail leaves."""
        case = self.dependencies.find_case(visit.case)
        ask = unseal(
            self.dependencies.vault,
            key_purposes.PENDING_REQUEST,
            visit.asked,
            SealedLinkRequest,
            context=self._ask_context,
        )
        now = self.dependencies.clock.now()
        if ask is None or ask.handle != visit.case or not self._is_missing(ask, case, now):
            return case
        with suppress(ConflictError):  # two tabs return at once
            self._restore(ask, case, visit.network, now)
        return self.dependencies.find_case(visit.case)

    def _restore(self, ask: SealedLinkRequest, case: RecoveryCase | None, network: str, now: datetime) -> None:
        """Store an ask that was lost. It counts and sends one mail, as the lost one would have. Raises ConflictError."""
        if case is None:
            state = LinkRequestPending(typed=ask.typed, address=ask.address, asking=ask.window)
            add = partial(self.dependencies.add_case, flow=SLUG, handle=ask.handle, number=ask.number)
            self.store_link_request(state, network, add, now, RESTORED)
        elif (again := state_after_new_request(case.state, ask.window)) is not None:
            self.store_link_request(again, network, partial(move_case, case), now, RESTORED)

    def _is_missing(self, ask: SealedLinkRequest, case: RecoveryCase | None, now: datetime) -> bool:
        """Tell whether the case does not know of the ask, whose link would still serve."""
        if now >= ask.window.until or not self.dependencies.calendar.allows(CalendarOperation.ASK_PASSWORD, now):
            return False
        return case is None or (isinstance(case.state, MessageAsked) and case.state.asking.at < ask.window.at)

    @property
    def _ask_context(self) -> bytes:
        return b"asked|" + self._election


def move_case(case: RecoveryCase, transaction: Transaction, state: State) -> RecoveryCase:
    """Move the case. Raises ConflictError."""
    transaction.recoveries.update_state(case, state)
    return msgspec.structs.replace(case, state=state)


def state_after_new_request(state: object, request_times: LastRequestTimes) -> LinkRequestPending | LinkSent | None:
    """The state after one more ask, or None if it is too early or nothing was asked for before."""
    if isinstance(state, MessageAsked):
        with suppress(RequestedTooSoon):
            return state.ask_again(request_times)
    return None
