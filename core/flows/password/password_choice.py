"""Checks recovery links and sets the new password (MP-5 to MP-7). Anybody with a link can use it, once."""

import re
from dataclasses import dataclass

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.password.states import LinkNotInForce, LinkSent
from core.flows.password_rules import guessable_reason
from core.flows.repeated_forms import came_before, count_form
from core.forms import errors
from core.forms.field_parsers import without_accents
from core.forms.flow_model import FormErrors
from core.policy.calendar import CalendarOperation
from core.ports import (
    Actor,
    ConflictError,
    Event,
    EventType,
    FoundLink,
    LinkKind,
    MessageKind,
    PasswordQueueFull,
    Voter,
)
from core.security import tokens
from core.text.text import Moment

SHORTEST_WORD = 3
"""Shorter names occur in too many words to be forbidden."""


@dataclass(frozen=True, slots=True)
class RecoveryLinks:
    dependencies: Dependencies

    def record_first_opening(self, token: str) -> None:
        """Record the first opening of a link. Raises LinkDamaged, and as `find_working`."""
        if not tokens.is_well_formed(token):
            raise errors.LinkDamaged
        self.dependencies.record_first_opening(self.find_working(token))

    def find_link(self, token: str | None) -> FoundLink:
        """Return a link, valid or not. Raises LinkUnknown."""
        if token is None:
            raise errors.LinkUnknown
        with self.dependencies.store.read() as transaction:
            held = transaction.links.find(tokens.digest(token))
        if held is None or held.record.kind != LinkKind.PASSWORD:
            raise errors.LinkUnknown
        return held

    def find_working(self, token: str | None) -> FoundLink:
        """Return a valid link. Raises LinkUnknown, LinkUsed, LinkExpired, LinkReplaced, AccountFrozen."""
        held = self.find_link(token)
        self.require_working(held)
        return held

    def require_working(self, held: FoundLink) -> LinkSent:
        """Return the case's state if the link is valid. Raises LinkUsed, LinkExpired, LinkReplaced, AccountFrozen."""
        now, state = self.dependencies.clock.now(), held.case.state
        if held.record.used is not None:
            raise errors.LinkUsed
        if now >= held.record.expires:
            raise errors.LinkExpired(expired_at=Moment(self.dependencies.calendar.to_local(held.record.expires)))
        if held.voter.frozen is not None:
            raise errors.AccountFrozen
        if held.voter.removed is not None or held.voter.epoch != held.record.epoch or not isinstance(state, LinkSent):
            raise errors.LinkReplaced
        try:
            state.require_working_link(held.record.digest, now=now)
        except LinkNotInForce:
            raise errors.LinkReplaced from None
        return state

    def was_password_set_by_form(self, link: FoundLink, form: bytes | None) -> bool:
        """Return whether this form, or a form since this opening, has set the voter's present password."""
        used = link.record.used
        in_force = used is not None and used == link.voter.password_set and link.voter.frozen is None
        return in_force and came_before(self.dependencies, form, EventType.PASSWORD_CHOSEN)

    def choose_password(
        self, token: str | None, password: str, form: bytes | None = None, opening: bytes | None = None
    ) -> Voter:
        """Set the new password, and end all other links and sessions of the voter. A repeated form changes nothing.

        Return the voter in the new epoch. Raises as `find_working`, and FormErrors or PasswordsTooBusy, after which the
        link is still valid.
        """
        self.dependencies.require_open(CalendarOperation.CHOOSE_PASSWORD, self.dependencies.clock.now())
        held = self.find_link(token)
        if self.was_password_set_by_form(held, form):
            return held.voter
        self.require_working(held)
        try:
            words = forbidden_password_words(held.voter)
            rejected = guessable_reason(password, words, self.dependencies.policy)
            if rejected is not None:
                self.record_refused_password(held, rejected.id)
                raise FormErrors({"new_password": rejected})
            hashed = self.dependencies.hasher.hash(password)
        except PasswordQueueFull:
            self.record_refused_password(held, errors.PasswordsTooBusy.id)
            raise errors.PasswordsTooBusy from None
        try:
            return self._put_in_force(held, hashed, form, opening)
        except ConflictError:  # something has changed since the link was read
            return retry_on_conflict(lambda: self._put_in_force(self.find_link(token), hashed, form, opening))

    def _put_in_force(self, held: FoundLink, hashed: str, form: bytes | None, opening: bytes | None) -> Voter:
        if self.was_password_set_by_form(held, form):
            return held.voter
        state, now = self.require_working(held), self.dependencies.clock.now()
        case, voter = held.case.number, held.voter.id
        completed = state.choose_password(held.record.digest, now=now)
        with self.dependencies.store.write() as transaction:
            transaction.recoveries.update_state(held.case, completed, voter=voter)
            transaction.links.record_use(held.record.digest, now)
            digest = transaction.voters.set_password_hash(voter, hashed, epoch=held.record.epoch, at=now)
            self.dependencies.queue_notice(transaction, MessageKind.CHANGED, case=case, voter=voter, at=now)
            event = Event(
                at=now, actor=Actor.VOTER, act=EventType.PASSWORD_CHOSEN, case=case, voter=voter, credential=digest
            )
            transaction.journal.write(event)
            for key in (form, opening):
                count_form(self.dependencies, transaction, key, now, EventType.PASSWORD_CHOSEN)
        return msgspec.structs.replace(held.voter, epoch=held.record.epoch + 1)

    def record_refused_password(self, link: FoundLink, reason: str) -> None:
        """Record which rule a password broke, or why its link was refused, so that the desk can explain it."""
        now, case = self.dependencies.clock.now(), link.case.number
        event = Event(
            at=now, actor=Actor.VOTER, act=EventType.PASSWORD_REFUSED, case=case, voter=link.voter.id, reason=reason
        )
        self.dependencies.record(event)


def forbidden_password_words(voter: Voter) -> tuple[str, ...]:
    """Return the words that a password must not contain: the voter's names and address, without accents."""
    local = voter.email.split("@", 1)[0]
    whole = (voter.email, local, voter.last_name, voter.first_name)
    words = {without_accents(word) for text in whole for word in (text, *re.split(r"[^\w]+|_", text))}
    return tuple(sorted(word for word in words if len(word) >= SHORTEST_WORD))
