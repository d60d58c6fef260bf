"""What an answer of relays or gateways means for its parcel: it has ended, or it comes back later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from core.courier.decisions import Decisions
from core.courier.ends import End, Ends
from core.courier.hand import Answer
from core.ports import (
    Act,
    Actor,
    Clock,
    Durability,
    Event,
    Parcel,
    ParcelState,
    Postponed,
    Refused,
    Sent,
    Store,
    Transaction,
    Unready,
)
from core.service.tools import until_unmoved
from core.steps import Channel

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_PLATFORM_PAUSE = timedelta(seconds=30)
"""A voting platform serves one site: there is nobody to be polite to but its own return."""

log = structlog.get_logger()


def back_off(attempts: int, jitter: float) -> timedelta:
    """The pause after that many tries: doubling, capped, and spread by `jitter` (0 to 1) over its upper half."""
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(attempts, 20), LONGEST_PAUSE)
    return longest * (0.5 + jitter / 2)


@dataclass(frozen=True, slots=True)
class Telling:
    """How the journal says what became of a message, by what carried it."""

    accepted: Act
    postponed: Act
    refused: Act
    cancelled: Act


TELLING = {
    Channel.MAIL: Telling(Act.MAIL_ACCEPTED, Act.MAIL_POSTPONED, Act.MAIL_REFUSED, Act.MAIL_CANCELLED),
    Channel.SMS: Telling(Act.SMS_ACCEPTED, Act.SMS_POSTPONED, Act.SMS_REFUSED, Act.SMS_CANCELLED),
}


REFUSED = {Channel.MAIL: ParcelState.PARKED, Channel.SMS: ParcelState.DROPPED}
"""How a message ends that was refused for good. A mail's body is kept for the desk; a code or an identifier is not."""


def durability_of(parcel: Parcel) -> Durability:
    """How the end of a parcel is kept, as it was claimed, so that a crash of the database doubles no mail but those in hand.

    What was decided in this round is written for good by the decision after it, before that one's mail leaves; what was
    decided in a former round has no such successor.
    """
    return Durability.RELAXED if parcel.sealed is None else Durability.FULL


@dataclass(kw_only=True)
class Settlement:
    """Writes it, at once or with the next decision."""

    store: Store
    decisions: Decisions
    ends: Ends
    clock: Clock
    jitter: Callable[[], float]
    _trouble_until: dict[Channel, datetime] = field(default_factory=dict, init=False)
    """While ahead, a relay that greets is not to be believed: it has just failed to take a message, which is tried
    again before then."""

    @property
    def no_relay(self) -> bool:
        """Whether no relay could be spoken with a moment ago."""
        until = self._trouble_until.get(Channel.MAIL)
        return until is not None and self.clock.now() < until

    def answered(self, parcel: Parcel, kept: Durability, answer: Answer) -> None:
        """A relay or a gateway did, or none could."""
        telling, channel = _telling(parcel), _channel(parcel)
        match answer:
            case Sent(relay=relay):
                self._trouble_until.pop(channel, None)
                self._end(parcel, ParcelState.SENT, telling.accepted, relay, kept)
                log.info(telling.accepted.value, parcel=parcel.id, kind=parcel.kind, relay=relay)
            case Refused(reason=reason):
                log.warning(telling.refused.value, parcel=parcel.id, reason=reason)
                self._end(parcel, REFUSED[channel], telling.refused, reason, kept)
            case Postponed(reason=reason, answered=answered):
                log.warning(telling.postponed.value, parcel=parcel.id, reason=reason, attempts=parcel.attempts)
                if answered:
                    self.failed(parcel, reason)
                else:
                    self._trouble_until[channel] = self.clock.now() + FIRST_PAUSE
                    self.untried(parcel, reason)

    def too_late(self, parcel: Parcel) -> bool:
        """Whether it is of no use any more: then it has ended."""
        if self.clock.now() < parcel.useful_until:
            return False
        self._end(parcel, ParcelState.CANCELLED, _telling(parcel).cancelled, "too-late", durability_of(parcel))
        return True

    def failed(self, parcel: Parcel, reason: str) -> None:
        """It was tried, and is to be tried again; the timeline shows the first time."""
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.outbox.retry(parcel, due=self._later(parcel), reason=reason, counted=True)
            if parcel.attempts == 0:
                transaction.journal.write(_event(self.clock.now(), _telling(parcel).postponed, parcel, reason))

    def platform_waits(self, parcel: Parcel, reason: str) -> None:
        """The voting platform did not answer. The case says so already."""
        due = min(self._later(parcel), self.clock.now() + LONGEST_PLATFORM_PAUSE)
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.outbox.retry(parcel, due=due, reason=reason, counted=True)

    def untried(self, parcel: Parcel, reason: str) -> None:
        """It was not tried at all, through no fault of its own: soon again."""
        self._let_go(parcel, self.clock.now() + FIRST_PAUSE * (0.5 + self.jitter() / 2), reason)

    def given_back(self, parcel: Parcel) -> None:
        """This courier stops: the next one may have it at once."""
        self._let_go(parcel, self.clock.now(), "stopping")

    def _let_go(self, parcel: Parcel, due: datetime, reason: str) -> None:
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.outbox.retry(parcel, due=due, reason=reason, counted=False)

    def _end(self, parcel: Parcel, state: ParcelState, act: Act, reason: str, kept: Durability) -> None:
        now = self.clock.now()

        def beyond(transaction: Transaction) -> None:
            self.decisions.settled(transaction, parcel, state, now)

        end = End(parcel=parcel, state=state, act=act, reason=reason, at=now, beyond=beyond)
        if kept is Durability.RELAXED:
            self.ends.put_off(end)
            return
        try:
            until_unmoved(lambda: self._ended(end, kept))
        except Unready:  # the message is with the relay, and must not be claimed again when the store is back
            self.ends.put_off(end)
            raise

    def _ended(self, end: End, kept: Durability) -> None:
        with self.store.write(kept) as transaction:
            end.write(transaction)

    def _later(self, parcel: Parcel) -> datetime:
        return self.clock.now() + back_off(parcel.attempts, self.jitter())


def _event(at: datetime, act: Act, parcel: Parcel, reason: str) -> Event:
    return Event(at=at, actor=Actor.COURIER, act=act, case=parcel.case, voter=parcel.voter, reason=reason)


def _channel(parcel: Parcel) -> Channel:
    return parcel.kind.channel or Channel.MAIL


def _telling(parcel: Parcel) -> Telling:
    return TELLING[_channel(parcel)]
