"""Confirms requests for identifiers through emailed links. Opening a link must not confirm anything."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.flows.dependencies import Dependencies
from core.flows.identifier.definition import SLUG
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.reissue_status import is_epoch_valid, read_status, record_event
from core.flows.identifier.sent_security_code import ResendTooSoon
from core.flows.identifier.states import ConfirmationAwaited, ConfirmationLapsed
from core.flows.repeated_forms import refuse_repeated_form
from core.forms import errors
from core.ports import ConflictError, EventType, FoundLink, LinkKind, Voter
from core.security import tokens
from core.text.text import Moment


class WorkingConfirmation(NamedTuple):
    link: FoundLink
    state: ConfirmationAwaited


@dataclass(frozen=True, slots=True)
class MailboxConfirmation:
    dependencies: Dependencies
    completion: ReissueCompletion

    def ask_again(self, voter: Voter, form: bytes | None, now: datetime) -> None:
        """Queue another confirmation email, unless it is too soon. Raises FormRepeated."""
        with self.dependencies.store.write() as transaction:
            case = read_status(self.dependencies, transaction, voter.id, now).case
            if case is None or not isinstance(case.state, ConfirmationAwaited):
                return
            try:
                state = case.state.ask_again(now, self.completion.confirmation_resend_limits(now))
            except (ResendTooSoon, ConfirmationLapsed):
                return
            refuse_repeated_form(self.dependencies, transaction, form, now, EventType.ASKED)
            self.completion.queue_confirmation_mail(transaction, case, state)
            record_event(transaction, now, EventType.ASKED, case.number, voter.id)

    def record_first_opening(self, token: str) -> None:
        """Record that a confirmation link was opened. Raises the errors of `find_working`."""
        link = self.find(token)
        with self.dependencies.recording_dead_link(link):
            self.find_working(token)
        self.dependencies.record_first_opening(link)

    def find(self, token: str | None) -> FoundLink:
        """Return the confirmation link with this token, valid or not. Raises ConfirmationUnknown."""
        if token is None or not tokens.is_well_formed(token):
            raise errors.ConfirmationUnknown
        with self.dependencies.store.read() as transaction:
            link = transaction.links.find(tokens.digest(token))
        if link is None or link.record.kind != LinkKind.CONFIRMATION:
            raise errors.ConfirmationUnknown
        return link

    def find_working(self, token: str | None) -> WorkingConfirmation:
        """Return a valid confirmation link and the state of its request.

        Raises ConfirmationUnknown, ConfirmationUsed, ConfirmationExpired, ConfirmationReplaced, AccountFrozen.
        """
        link, now = self.find(token), self.dependencies.clock.now()
        state, expires = link.case.state, link.record.expires
        if not isinstance(state, ConfirmationAwaited):  # confirmed, perhaps by another link of the request
            raise errors.ConfirmationUsed
        if now >= expires:
            raise errors.ConfirmationExpired(expired_at=Moment(self.dependencies.calendar.to_local(expires)))
        if link.voter.frozen is not None:
            raise errors.AccountFrozen
        if not is_epoch_valid(link.voter, link.record.epoch) or not self._is_of_latest_request(link):
            raise errors.ConfirmationReplaced
        return WorkingConfirmation(link, state)

    def _is_of_latest_request(self, link: FoundLink) -> bool:
        with self.dependencies.store.read() as transaction:
            latest = transaction.recoveries.latest(link.voter.id, SLUG)
        return latest is not None and latest.number == link.case.number

    def confirm(self, token: str | None, now: datetime) -> errors.Refusal | None:
        """Confirm a request, or return a refusal.

        Raises ConflictError, ConfirmationUnknown, ConfirmationExpired, ConfirmationReplaced, AccountFrozen.
        """
        try:
            link, state = self.find_working(token)
        except errors.ConfirmationUsed:
            return None  # pressed twice, or in two tabs
        voter = link.voter.id
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter)
            status = read_status(self.dependencies, transaction, voter, now)
            case = status.case
            if case is None or (case.number, case.version) != (link.case.number, link.case.version):
                raise ConflictError  # something has changed since the link was read
            refusal = status.reservation_refusal
            if refusal is not None:
                record_event(transaction, now, EventType.REISSUE_REFUSED, case.number, voter, reason=refusal.id)
                return refusal
            transaction.links.record_use(link.record.digest, now)
            self.completion.reserve(transaction, case, state.confirm(now), status.free_slot)
            record_event(transaction, now, EventType.REISSUE_CONFIRMED, case.number, voter)
        return None

    def record_refusal(self, token: str | None, refusal: errors.Refusal) -> None:
        now = self.dependencies.clock.now()
        try:
            link = self.find(token)
        except errors.ConfirmationUnknown:
            self.dependencies.record_refusal(refusal)
            return
        with self.dependencies.store.write() as transaction:
            record_event(
                transaction, now, EventType.REISSUE_REFUSED, link.case.number, link.voter.id, reason=refusal.id
            )
