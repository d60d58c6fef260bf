"""Checks recovery links and sets new passwords. A link can be used only once."""

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
from core.text.text import Language, Moment

SHORTEST_WORD = 3
"""Names and address parts shorter than this are allowed in a password."""


@dataclass(frozen=True, slots=True)
class RecoveryLinks:
    dependencies: Dependencies

    def record_first_opening(self, token: str) -> None:
        """Record that a recovery link was opened. Raises LinkDamaged and the errors of `find_working`."""
        if not tokens.is_well_formed(token):
            raise errors.LinkDamaged
        link = self.find_link(token)
        with self.dependencies.recording_dead_link(link):
            self.require_working(link)
        self.dependencies.record_first_opening(link)

    def find_link(self, token: str | None) -> FoundLink:
        """Return the recovery link with this token, valid or not. Raises LinkUnknown."""
        if token is None:
            raise errors.LinkUnknown
        with self.dependencies.store.read() as transaction:
            link = transaction.links.find(tokens.digest(token))
        if link is None or link.record.kind != LinkKind.PASSWORD:
            raise errors.LinkUnknown
        return link

    def find_working(self, token: str | None) -> FoundLink:
        """Return a valid recovery link. Raises LinkUnknown, LinkUsed, LinkExpired, LinkReplaced, AccountFrozen."""
        link = self.find_link(token)
        self.require_working(link)
        return link

    def require_working(self, link: FoundLink) -> LinkSent:
        """Check a link and return the state of its case. Raises LinkUsed, LinkExpired, LinkReplaced, AccountFrozen."""
        now, state, case = self.dependencies.clock.now(), link.case.state, link.case.number
        if link.record.used is not None:
            chosen_at = Moment(self.dependencies.calendar.to_local(link.record.used))
            raise errors.LinkUsed(case=case, chosen_at=chosen_at)
        if now >= link.record.expires:
            expired_at = Moment(self.dependencies.calendar.to_local(link.record.expires))
            raise errors.LinkExpired(case=case, expired_at=expired_at)
        if link.voter.frozen is not None:
            raise errors.AccountFrozen(case=case)
        if link.voter.removed is not None or link.voter.epoch != link.record.epoch or not isinstance(state, LinkSent):
            raise errors.LinkReplaced(case=case)
        try:
            state.require_working_link(link.record.digest, now=now)
        except LinkNotInForce:
            raise errors.LinkReplaced(case=case) from None
        return state

    def was_password_set_by_form(self, link: FoundLink, form: bytes | None) -> bool:
        """Return whether this form set the current password. `form` comes from `form_digest` or `opening_digest`."""
        used = link.record.used
        in_force = used is not None and used == link.voter.password_set and link.voter.frozen is None
        return in_force and came_before(self.dependencies, form, EventType.PASSWORD_CHOSEN)

    def choose_password(
        self,
        token: str | None,
        password: str,
        form: bytes | None = None,
        opening: bytes | None = None,
        language: Language | None = None,
    ) -> Voter:
        """Set the voter's new password.

        Raises NotYetOpen, VoteClosed, FormErrors, PasswordsTooBusy, and the errors of `find_working`.
        """
        self.dependencies.require_open(CalendarOperation.CHOOSE_PASSWORD, self.dependencies.clock.now())
        link = self.find_link(token)
        if self.was_password_set_by_form(link, form):
            return link.voter
        self.require_working(link)
        try:
            words = forbidden_password_words(link.voter)
            rejected = guessable_reason(password, words, self.dependencies.policy)
            if rejected is not None:
                self.record_refused_password(link, rejected.id)
                raise FormErrors({"new_password": rejected})
            with self.dependencies.password_turn():
                hashed = self.dependencies.hasher.hash(password)
        except PasswordQueueFull:
            self.record_refused_password(link, errors.PasswordsTooBusy.id)
            raise errors.PasswordsTooBusy from None
        try:
            return self._store_password(link, hashed, form, opening, language)
        except ConflictError:  # something has changed since the link was read
            return retry_on_conflict(
                lambda: self._store_password(self.find_link(token), hashed, form, opening, language)
            )

    def _store_password(
        self, link: FoundLink, hashed: str, form: bytes | None, opening: bytes | None, language: Language | None
    ) -> Voter:
        if self.was_password_set_by_form(link, form):
            return link.voter
        state, now = self.require_working(link), self.dependencies.clock.now()
        case, voter = link.case.number, link.voter.id
        completed = state.choose_password(link.record.digest, now=now, language=language)
        with self.dependencies.store.write() as transaction:
            transaction.recoveries.update_state(link.case, completed, voter=voter)
            transaction.links.record_use(link.record.digest, now)
            digest = transaction.voters.set_password_hash(voter, hashed, epoch=link.record.epoch, at=now)
            self.dependencies.queue_notice(transaction, MessageKind.CHANGED, case=case, voter=voter, at=now)
            event = Event(
                at=now, actor=Actor.VOTER, act=EventType.PASSWORD_CHOSEN, case=case, voter=voter, credential=digest
            )
            transaction.journal.write(event)
            for key in (form, opening):
                count_form(self.dependencies, transaction, key, now, EventType.PASSWORD_CHOSEN)
        return msgspec.structs.replace(link.voter, epoch=link.record.epoch + 1)

    def record_refused_password(self, link: FoundLink, reason: str) -> None:
        """Record in the journal why a new password or its link was refused."""
        now, case = self.dependencies.clock.now(), link.case.number
        event = Event(
            at=now, actor=Actor.VOTER, act=EventType.PASSWORD_REFUSED, case=case, voter=link.voter.id, reason=reason
        )
        self.dependencies.record(event)


def forbidden_password_words(voter: Voter) -> tuple[str, ...]:
    """Return the words, without accents, that the password must not contain."""
    local = voter.email.split("@", 1)[0]
    whole = (voter.email, local, voter.last_name, voter.first_name)
    words = {without_accents(word) for text in whole for word in (text, *re.split(r"[^\w]+|_", text))}
    return tuple(sorted(word for word in words if len(word) >= SHORTEST_WORD))
