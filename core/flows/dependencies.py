"""The ports and rules of one election, and functions that all flows use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from core.forms import errors
from core.policy.calendar import Calendar, CalendarOperation, ElectionPhase
from core.policy.policy import Policy
from core.ports import (
    Actor,
    Clock,
    CommitOutcomeUnknown,
    ConflictError,
    Event,
    EventType,
    FoundLink,
    MessageKind,
    PasswordHasher,
    PasswordTurn,
    RandomSource,
    RecoveryCase,
    Store,
    StoreUnavailable,
    Transaction,
    Vault,
)
from core.security.tokens import digest, new_case_number
from core.text.contact import ElectionContact
from core.text.text import Moment

T = TypeVar("T")

FREEZE_USEFUL = timedelta(days=400)
"""How long an order to freeze an account stays valid: longer than any election."""
MOST_TRIES = 20
DEAD_LINK_RECORDED_EVERY = timedelta(minutes=10)
NOTED_WHERE_DECIDED = (
    errors.NotYetOpen,
    errors.VoteClosed,
    errors.TooManySignIns,
    errors.NetworkThrottled,
    errors.PasswordsTooBusy,
    errors.TooManyIdentityAttempts,
    errors.TooManyWrongCodes,
    errors.PhoneTaken,
    errors.VoterSmsLimitReached,
    errors.TooManyPhoneNumbers,
    errors.NoReissueLeft,
    errors.ReissueUnderWay,
    errors.TooManyDeskRequestsFromNetwork,
)
"""Refusals that are recorded or counted before they are raised. `record_refusal` ignores them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    store: Store
    vault: Vault
    hasher: PasswordHasher
    password_turn: PasswordTurn = nullcontext
    clock: Clock
    entropy: RandomSource
    policy: Policy
    calendar: Calendar
    election: ElectionContact
    address_domains: tuple[str, ...] = ()
    """Domains of work email addresses, from the settings."""

    def require_open(self, operation: CalendarOperation, now: datetime, *, agent: str | None = None) -> None:
        """Check that the calendar allows the operation. Raises NotYetOpen, VoteClosed."""
        if self.calendar.allows(operation, now):
            return
        actor = Actor.VOTER if agent is None else Actor.AGENT
        self.record(Event(at=now, actor=actor, act=EventType.CALENDAR_REFUSED, reason=operation, agent=agent))
        raise self.closed_refusal(now)

    def closed_refusal(self, now: datetime) -> errors.Refusal:
        if self.calendar.phase(now) is ElectionPhase.BEFORE:
            return errors.NotYetOpen(opens_at=Moment(self.calendar.to_local(self.calendar.recovery_opens)))
        return errors.VoteClosed(closed_at=Moment(self.calendar.to_local(self.calendar.vote_closes)))

    def record_refusal(self, refusal: errors.Refusal) -> None:
        """Record a refusal in the journal, unless its class is in `NOTED_WHERE_DECIDED`."""
        if not isinstance(refusal, NOTED_WHERE_DECIDED):
            self.record(Event(at=self.clock.now(), actor=Actor.VOTER, act=EventType.ACT_REFUSED, reason=refusal.id))

    def find_case(self, handle: str | None) -> RecoveryCase | None:
        if handle is None:
            return None
        with self.store.read() as transaction:
            return transaction.recoveries.by_handle(digest(handle))

    def add_case(
        self,
        transaction: Transaction,
        state: object,
        *,
        flow: str,
        handle: str,
        voter: int | None = None,
        began: datetime | None = None,
    ) -> RecoveryCase:
        """Store a new case. Raises ConflictError if the handle is already used."""
        while True:
            case = RecoveryCase(
                handle=digest(handle),
                number=new_case_number(self.entropy),
                flow=flow,
                state=state,
                began=began or self.clock.now(),
            )
            if transaction.recoveries.add(case, voter=voter):
                return case
            if transaction.recoveries.by_handle(case.handle) is not None:
                raise ConflictError

    def record_first_opening(self, link: FoundLink) -> None:
        """Record the first opening of an emailed link in the journal."""
        if link.record.opened is not None:
            return
        now = self.clock.now()
        with self.store.write() as transaction:
            if transaction.links.record_if_first_opening(link.record.digest, now):
                event = Event(
                    at=now, actor=Actor.VOTER, act=EventType.LINK_OPENED, case=link.case.number, voter=link.voter.id
                )
                transaction.journal.write(event)

    @contextmanager
    def recording_dead_link(self, link: FoundLink) -> Iterator[None]:
        """If the `with` block raises a Refusal, record that a dead link was opened."""
        try:
            yield
        except errors.Refusal as refusal:
            now, act = self.clock.now(), EventType.DEAD_LINK_OPENED
            case, voter = link.case.number, link.voter.id
            event = Event(at=now, actor=Actor.VOTER, act=act, case=case, voter=voter, reason=refusal.id)
            with self.store.read() as transaction:
                last = [each.event for each in transaction.journal.case_history(case, 1)]
            since = now - DEAD_LINK_RECORDED_EVERY
            if not any((each.act, each.reason) == (act, refusal.id) and each.at > since for each in last):
                self.record(event)
            raise

    def queue_notice(self, transaction: Transaction, kind: MessageKind, *, case: str, voter: int, at: datetime) -> None:
        """Queue a notice that is dropped if it is not sent within `notice_useful_minutes`."""
        useful_until = at + timedelta(minutes=self.policy.notice_useful_minutes)
        transaction.outbox.put(kind=kind, case=case, at=at, useful_until=useful_until, voter=voter)

    def queue_freeze_update(self, transaction: Transaction, *, case: str, voter: int, at: datetime) -> None:
        """Queue a message that tells the voting platform whether the account is frozen."""
        transaction.outbox.put(kind=MessageKind.HOLD, case=case, at=at, useful_until=at + FREEZE_USEFUL, voter=voter)

    def record(self, event: Event) -> None:
        with self.store.write() as transaction:
            transaction.journal.write(event)


@contextmanager
def following_done_act() -> Iterator[None]:
    """After a commit, raise CommitOutcomeUnknown instead of StoreUnavailable."""
    try:
        yield
    except StoreUnavailable as error:
        raise CommitOutcomeUnknown(str(error)) from error


def retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Call `attempt` again if it raises ConflictError. Raises ServiceUnavailable after `MOST_TRIES` calls."""
    for _ in range(MOST_TRIES):
        try:
            return attempt()
        except ConflictError:
            continue
    raise errors.ServiceUnavailable
