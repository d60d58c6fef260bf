from datetime import datetime, timedelta
from typing import NamedTuple

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.flows.repeated_forms import came_before, count_form, forget_form, token_of_form
from core.flows.sign_in_tries import RecognisedBrowserMark, SignInTries
from core.forms import errors
from core.forms.field_parsers import mask_address
from core.forms.flow_model import FormErrors
from core.policy.calendar import CalendarOperation
from core.ports import (
    Actor,
    ConflictError,
    Event,
    EventType,
    FoundSession,
    PasswordQueueFull,
    SignInSession,
    StoreUnavailable,
    Voter,
)
from core.security import key_purposes, tokens
from core.text.text import Text

MOST_REPEATS = 50
"""How often a form can be sent and still count as one attempt."""
COUNTED, RECORDED = "counted", "recorded"
"""Names of two counts of a sign-in form: one for attempts, and one for journal lines."""


class CountedTry(NamedTuple):
    voter: Voter | None
    attempts_left: int
    visit: Visit
    """The visit in which the attempt was made."""
    slowed: errors.Refusal | None
    """Error to show for a wrong password from a slowed network."""
    may_check: bool = True
    """False if too many attempts were made and the password must not be checked."""


class VoterSessions:
    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies
        self._tries = SignInTries(dependencies)

    def sign_in(self, address: str, password: str, visit: Visit) -> Visit:
        """Sign a voter in. Takes equally long for known and unknown addresses.

        Raises FormErrors, TooManySignIns, NetworkThrottled, PasswordsTooBusy, AccountFrozen, NotYetOpen, VoteClosed.
        """
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.SIGN_IN, now)
        try:
            with self.dependencies.password_turn():
                counted = self._count_try(address, visit, now)
                visit, voter = counted.visit, counted.voter if counted.may_check else None
                matches = self.dependencies.hasher.verify(None if voter is None else voter.password, password)
        except PasswordQueueFull:
            self._record_overload(address, now)
            raise errors.PasswordsTooBusy from None
        if voter is None or not matches:
            unchecked = voter is None and counted.slowed is not None
            reason = errors.NetworkThrottled.id if unchecked else "wrong-password"
            self._record_refusal(counted.voter, reason, visit, now)
            if counted.slowed is not None:
                raise counted.slowed
            pause = self.dependencies.policy.sign_in_pause_minutes
            raise FormErrors(
                {"password": errors.WrongPassword()},
                tries=errors.tries_left_sentence(counted.attempts_left, pause_minutes=pause),
            )
        if voter.frozen is not None:
            self._record_refusal(voter, "frozen", visit, now)
            raise errors.AccountFrozen
        return self._open_session(voter, password, visit, now)

    def _count_try(self, address: str, visit: Visit, now: datetime) -> CountedTry:
        """Count an attempt. Must run before the password is checked."""
        with self.dependencies.store.write() as transaction:
            voter = transaction.voters.by_address(address)
            mark = self._tries.recognised_mark(visit.device, address, now)  # also for unknown addresses: the same work
            if mark is None or voter is None or mark.epoch != voter.epoch:
                visit = visit.with_(device=None)
            if 1 < count_form(self.dependencies, transaction, visit.form, now, COUNTED, _epoch(voter)) <= MOST_REPEATS:
                left = self._tries.remaining_tries(transaction, address, visit, now)
                slowed = None if visit.device else self._tries.slowed_refusal(transaction, visit, now)
                return CountedTry(voter, left, visit, slowed)
            tried = self._tries.count_try(transaction, address, visit, now, known=voter is not None)
            if tried.refusal is not None or not tried.may_check:
                forget_form(transaction, visit.form, COUNTED, _epoch(voter))
            if tried.refusal is not None:
                transaction.journal.write(_event(now, EventType.SIGN_IN_REFUSED, voter, tried.refusal.id))
        if tried.refusal is not None:
            raise tried.refusal
        return CountedTry(voter, tried.attempts_left, visit, tried.slowed, tried.may_check)

    def _record_overload(self, address: str, now: datetime) -> None:
        with self.dependencies.store.write() as transaction:
            voter = transaction.voters.by_address(address)
            transaction.journal.write(_event(now, EventType.SIGN_IN_REFUSED, voter, errors.PasswordsTooBusy.id))

    def _record_refusal(self, voter: Voter | None, reason: str, visit: Visit, now: datetime) -> None:
        with self.dependencies.store.write() as transaction:
            if count_form(self.dependencies, transaction, visit.form, now, RECORDED, reason, _epoch(voter)) == 1:
                transaction.journal.write(_event(now, EventType.SIGN_IN_REFUSED, voter, reason))

    def _open_session(self, voter: Voter, password: str, visit: Visit, now: datetime) -> Visit:
        form, policy = visit.form, self.dependencies.policy
        new_token = tokens.new_token(self.dependencies.entropy)
        token = new_token if form is None else token_of_form(self.dependencies.vault, form, voter.epoch)
        expires = min(now + timedelta(minutes=policy.session_minutes), self.dependencies.calendar.vote_closes)
        rehashed = self._rehashed(voter, password)
        with self.dependencies.store.write() as transaction:
            count = count_form(self.dependencies, transaction, form, now, RECORDED, EventType.SIGNED_IN, voter.epoch)
            first = count == 1
            if first or transaction.sessions.find(tokens.digest(token)) is None:
                if not first:  # the session was closed, and its token must not open it again
                    token = new_token
                transaction.sessions.open(
                    SignInSession(digest=tokens.digest(token), voter=voter.id, epoch=voter.epoch, expires=expires)
                )
                transaction.journal.write(_event(now, EventType.SIGNED_IN, voter))
            if first:
                self._tries.forget_own_tries(transaction, voter.email, visit, now)
        if rehashed is not None:
            self._store_rehashed(voter, rehashed, now)
        return visit.with_(session=token, device=self.make_recognised_browser_mark(voter, now))

    def _rehashed(self, voter: Voter, password: str) -> str | None:
        outdated = voter.password is not None and self.dependencies.hasher.needs_rehash(voter.password)
        if not outdated:
            return None
        try:
            with self.dependencies.password_turn():
                return self.dependencies.hasher.hash(password)
        except PasswordQueueFull:
            return None  # a later sign-in will rehash it

    def _store_rehashed(self, voter: Voter, rehashed: str, now: datetime) -> None:
        try:
            with self.dependencies.store.write() as transaction:
                digest = transaction.voters.store_rehashed_password(voter.id, rehashed, epoch=voter.epoch)
                event = Event(
                    at=now, actor=Actor.VOTER, act=EventType.PASSWORD_REHASHED, voter=voter.id, credential=digest
                )
                transaction.journal.write(event)
        except ConflictError:
            return  # the password has just been changed, and its hash has the present parameters
        except StoreUnavailable:
            return  # the voter is signed in; a later sign-in will rehash it

    def make_recognised_browser_mark(self, voter: Voter, now: datetime) -> str:
        """Return a cookie value that lets the site recognise this voter's browser later."""
        expires = now + timedelta(days=self.dependencies.policy.device_days)
        nonce = tokens.base64url_encode(self.dependencies.entropy.random_bytes(tokens.HANDLE_BYTES))
        mark = RecognisedBrowserMark(voter.id, nonce, int(expires.timestamp()), voter.epoch)
        return tokens.seal(self.dependencies.vault, key_purposes.DEVICE, mark, context=voter.email.encode())

    def is_recognised_browser(self, visit: Visit, voter: Voter) -> bool:
        """Return whether this voter has signed in with this browser in the current epoch."""
        mark = self._tries.recognised_mark(visit.device, voter.email, self.dependencies.clock.now())
        return mark is not None and mark.epoch == voter.epoch

    def signed_in_voter(self, token: str | None) -> FoundSession:
        """Return a valid session and its voter. Raises SignInNeeded if there is none."""
        found = self.find_signed_in_voter(token)
        if found is None:
            raise errors.SignInNeeded
        return found

    def find_signed_in_voter(self, token: str | None) -> FoundSession | None:
        """Return a valid session and its voter, or None if there is none."""
        if token is None:
            return None
        with self.dependencies.store.read() as transaction:
            found = transaction.sessions.find(tokens.digest(token))
        if found is None or found.voter.password_set is None:
            return None
        session, voter = found.record, found.voter
        current = session.epoch == voter.epoch and voter.removed is None and voter.frozen is None
        if not current or session.expires <= self.dependencies.clock.now():
            return None
        return found

    def notices_of_other_session(self, notice: Text, voter: Voter, visit: Visit) -> tuple[Text, ...]:
        """Return `notice` if another voter is signed in with this browser."""
        other = self.find_signed_in_voter(visit.session)
        if other is None or other.voter.id == voter.id:
            return ()
        addresses = {"masked_address": mask_address(voter.email), "other_address": mask_address(other.voter.email)}
        return (notice.fill(addresses),)

    def has_form_signed_out_before(self, visit: Visit) -> bool:
        return came_before(self.dependencies, visit.form, EventType.SIGNED_OUT)

    def sign_out(self, visit: Visit) -> Visit:
        """End the session, and return the visit without a session."""
        if visit.session is None:
            return visit
        found, now = self.find_signed_in_voter(visit.session), self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            if count_form(self.dependencies, transaction, visit.form, now, EventType.SIGNED_OUT) > 1:
                found = None  # the same form has closed the session before
            transaction.sessions.close(tokens.digest(visit.session))
            if found is not None:
                session = found.record.digest
                transaction.journal.write(_event(now, EventType.SIGNED_OUT, found.voter, session=session))
        return visit.with_(session=None)


def _epoch(voter: Voter | None) -> int | None:
    return None if voter is None else voter.epoch


def _event(
    at: datetime, act: EventType, voter: Voter | None, reason: str | None = None, *, session: bytes | None = None
) -> Event:
    credential = None if session is None else session.hex()
    return Event(
        at=at,
        actor=Actor.VOTER,
        act=act,
        voter=None if voter is None else voter.id,
        reason=reason,
        credential=credential,
    )
