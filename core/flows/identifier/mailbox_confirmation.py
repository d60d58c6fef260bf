"""Confirms a request through the link mailed to the voter (ID-7 to ID-9). Anybody with the link can confirm, once.

GET shows the page and POST confirms, so a mail scanner that opens the link changes nothing.
"""

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
    """A valid confirmation link, and the state of its case."""

    link: FoundLink
    state: ConfirmationAwaited


@dataclass(frozen=True, slots=True)
class MailboxConfirmation:
    """Finds, confirms and renews confirmation links."""

    dependencies: Dependencies
    completion: ReissueCompletion

    def ask_again(self, voter: Voter, form: bytes | None, now: datetime) -> None:
        """Queue the mail again. Does nothing during the pause or after the last allowed mail. Raises FormRepeated."""
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
        """Record the first opening of a link. Raises as `find_working`."""
        self.dependencies.record_first_opening(self.find_working(token).link)

    def find(self, token: str | None) -> FoundLink:
        """Return a link, valid or not. Raises ConfirmationUnknown."""
        if token is None or not tokens.is_well_formed(token):
            raise errors.ConfirmationUnknown
        with self.dependencies.store.read() as transaction:
            held = transaction.links.find(tokens.digest(token))
        if held is None or held.record.kind != LinkKind.CONFIRMATION:
            raise errors.ConfirmationUnknown
        return held

    def find_working(self, token: str | None) -> WorkingConfirmation:
        """Return a valid link and the state of its case.

        Raises ConfirmationUnknown, ConfirmationUsed, ConfirmationExpired, ConfirmationReplaced, AccountFrozen.
        """
        held, now = self.find(token), self.dependencies.clock.now()
        state, expires = held.case.state, held.record.expires
        if not isinstance(state, ConfirmationAwaited):  # confirmed, perhaps by another link of the request
            raise errors.ConfirmationUsed
        if now >= expires:
            raise errors.ConfirmationExpired(expired_at=Moment(self.dependencies.calendar.to_local(expires)))
        if held.voter.frozen is not None:
            raise errors.AccountFrozen
        if not is_epoch_valid(held.voter, held.record.epoch) or not self._is_latest(held):
            raise errors.ConfirmationReplaced
        return WorkingConfirmation(held, state)

    def _is_latest(self, held: FoundLink) -> bool:
        """Return whether the link belongs to the voter's latest request."""
        with self.dependencies.store.read() as transaction:
            latest = transaction.recoveries.latest(held.voter.id, SLUG)
        return latest is not None and latest.number == held.case.number

    def confirm(self, token: str | None, now: datetime) -> errors.Refusal | None:
        """Reserve a re-issue and order the identifier. Idempotent.

        Return NoReissueLeft or ReissueUnderWay if refused. Raises as `find_working`, except ConfirmationUsed.
        """
        try:
            held, state = self.find_working(token)
        except errors.ConfirmationUsed:
            return None  # pressed twice, or in two tabs
        voter = held.voter.id
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter)
            status = read_status(self.dependencies, transaction, voter, now)
            case = status.case
            if case is None or (case.number, case.version) != (held.case.number, held.case.version):
                raise ConflictError  # something has changed since the link was read
            refusal = status.reservation_refusal
            if refusal is not None:
                record_event(transaction, now, EventType.REISSUE_REFUSED, case.number, voter, reason=refusal.id)
                return refusal
            transaction.links.record_use(held.record.digest, now)
            self.completion.reserve(transaction, case, state.confirm(now), status.free_slot)
            record_event(transaction, now, EventType.REISSUE_CONFIRMED, case.number, voter)
        return None

    def record_refusal(self, token: str | None, refusal: errors.Refusal) -> None:
        """Record a refused confirmation, with the case of its link if the link is known."""
        now = self.dependencies.clock.now()
        try:
            held = self.find(token)
        except errors.ConfirmationUnknown:
            self.dependencies.record_refusal(refusal)
            return
        with self.dependencies.store.write() as transaction:
            record_event(
                transaction, now, EventType.REISSUE_REFUSED, held.case.number, held.voter.id, reason=refusal.id
            )
