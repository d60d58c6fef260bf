"""The ports and rules of an election, and helpers that use cases share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
"""Longer than any election, so that a message about a freeze never expires."""
MOST_TRIES = 20
"""Maximum tries of a use case while other transactions change the same rows."""
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
"""Refusals that are recorded where they are decided. The last one is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    store: Store
    vault: Vault
    hasher: PasswordHasher
    clock: Clock
    entropy: RandomSource
    policy: Policy
    calendar: Calendar
    election: ElectionContact

    def require_open(self, operation: CalendarOperation, now: datetime, *, agent: str | None = None) -> None:
        """Raise NotYetOpen or VoteClosed, and record it, if the calendar forbids the operation now (rule 10)."""
        if self.calendar.allows(operation, now):
            return
        actor = Actor.VOTER if agent is None else Actor.AGENT
        self.record(Event(at=now, actor=actor, act=EventType.CALENDAR_REFUSED, reason=operation, agent=agent))
        raise self.closed_refusal(now)

    def closed_refusal(self, now: datetime) -> errors.Refusal:
        """Return NotYetOpen or VoteClosed, with its date."""
        if self.calendar.phase(now) is ElectionPhase.BEFORE:
            return errors.NotYetOpen(opens_at=Moment(self.calendar.to_local(self.calendar.recovery_opens)))
        return errors.VoteClosed(closed_at=Moment(self.calendar.to_local(self.calendar.vote_closes)))

    def record_refusal(self, refusal: errors.Refusal) -> None:
        """Record a refusal to an unidentified visitor (rule 12), unless it was recorded where it was decided."""
        if not isinstance(refusal, NOTED_WHERE_DECIDED):
            self.record(Event(at=self.clock.now(), actor=Actor.VOTER, act=EventType.ACT_REFUSED, reason=refusal.id))

    def find_case(self, handle: str | None) -> RecoveryCase | None:
        """Return the case of a browser's handle."""
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
        """Store a new case under a new number. Raises ConflictError if the handle already has a case."""
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
        """Record the first opening of a link, which may be by a mail scanner. Changes nothing else."""
        if link.record.opened is not None:
            return
        now = self.clock.now()
        with self.store.write() as transaction:
            if transaction.links.record_if_first_opening(link.record.digest, now):
                event = Event(
                    at=now, actor=Actor.VOTER, act=EventType.LINK_OPENED, case=link.case.number, voter=link.voter.id
                )
                transaction.journal.write(event)

    def queue_notice(self, transaction: Transaction, kind: MessageKind, *, case: str, voter: int, at: datetime) -> None:
        """Queue a notice. It is dropped if it cannot be sent within the policy's `notice_useful_minutes`."""
        useful_until = at + timedelta(minutes=self.policy.notice_useful_minutes)
        transaction.outbox.put(kind=kind, case=case, at=at, useful_until=useful_until, voter=voter)

    def queue_freeze_update(self, transaction: Transaction, *, case: str, voter: int, at: datetime) -> None:
        """Queue an update for the voting platform. It carries the account's freeze status at the time of sending."""
        transaction.outbox.put(kind=MessageKind.HOLD, case=case, at=at, useful_until=at + FREEZE_USEFUL, voter=voter)

    def record(self, event: Event) -> None:
        """Write an event in its own transaction."""
        with self.store.write() as transaction:
            transaction.journal.write(event)


@contextmanager
def following_done_act() -> Iterator[None]:
    """Raise CommitOutcomeUnknown instead of StoreUnavailable inside the block.

    Used after an act is committed, so that the voter never reads that nothing was done.
    """
    try:
        yield
    except StoreUnavailable as away:
        raise CommitOutcomeUnknown(str(away)) from away


def retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Call a function that reads, decides and writes by compare-and-swap; call it again after each ConflictError.

    Raises ServiceUnavailable after too many tries; nothing has been written then.
    """
    for _ in range(MOST_TRIES):
        try:
            return attempt()
        except ConflictError:
            continue
    raise errors.ServiceUnavailable
