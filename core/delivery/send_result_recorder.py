"""Writes what the answer of a relay or gateway means for a message: it has ended, or it is tried again later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import structlog

from core.delivery.batched_message_completions import MessageCompletion, UncommittedCompletions, courier_event
from core.delivery.retry_backoff import FIRST_SECONDS, RetryBackoff, pause_seconds
from core.forms.flow_model import Channel
from core.ports import (
    Clock,
    EventType,
    MessageClaimLost,
    MessageState,
    OutboxMessage,
    SendAccepted,
    SendPostponed,
    SendRefused,
    SendResult,
    channel_of,
)

LONGEST_PAUSE_SECONDS = 600.0
LONGEST_PLATFORM_PAUSE_SECONDS = 30.0
"""A voting platform serves one site, so it can be asked more often than a mail relay."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChannelJournalEvents:
    """The journal's events for the messages of one channel, and the final state of a refused one."""

    accepted: EventType
    postponed: EventType
    refused: EventType
    cancelled: EventType
    refused_state: MessageState


MAIL = ChannelJournalEvents(
    EventType.MAIL_ACCEPTED,
    EventType.MAIL_POSTPONED,
    EventType.MAIL_REFUSED,
    EventType.MAIL_CANCELLED,
    MessageState.PARKED,  # the desk may send it again, so its body is kept
)
SMS = ChannelJournalEvents(
    EventType.SMS_ACCEPTED,
    EventType.SMS_POSTPONED,
    EventType.SMS_REFUSED,
    EventType.SMS_CANCELLED,
    MessageState.DROPPED,  # no code or identifier is kept
)


@dataclass(kw_only=True)
class SendResultRecorder:
    """Writes results: that a message is tried again, at once; that it has ended, before the next one is sent or with its batch."""

    completions: UncommittedCompletions
    clock: Clock
    jitter: Callable[[], float]
    relays: RetryBackoff = field(init=False)
    """Active after no relay could be spoken with. A relay that greets is not believed then: it has just failed to take a message."""
    _perhaps_taken: set[int] = field(default_factory=set, init=False)
    """The ids of messages handed over without an answer. Their rows count it too, unless the store was away just then."""

    def __post_init__(self) -> None:
        self.relays = RetryBackoff(FIRST_SECONDS, lambda: self.clock.now().timestamp())

    def record(self, message: OutboxMessage, answer: SendResult) -> None:
        """Write what an answer means for its message."""
        events = _events(message)
        match answer:
            case SendAccepted(relay=relay):
                if events is MAIL:
                    self.relays.succeeded()
                taken_by = relay if events is MAIL else f"{message.kind} {relay}"
                self._end(message, MessageState.SENT, events.accepted, taken_by)
                log.info(events.accepted.value, parcel=message.id, kind=message.kind, relay=relay)
            case SendRefused(reason=reason):
                log.warning(events.refused.value, parcel=message.id, reason=reason)
                self._end(message, events.refused_state, events.refused, reason)
            case SendPostponed(reason=reason, answered=answered, perhaps_taken=perhaps_taken):
                log.warning(events.postponed.value, parcel=message.id, reason=reason, attempts=message.attempts)
                if perhaps_taken:
                    self._perhaps_taken.add(message.id)
                if answered:
                    self.postpone_after_failed_try(message, reason)
                    return
                if events is MAIL:
                    self.relays.failed()
                self.postpone_untried_message(message, reason)

    def cancel_if_useless(self, message: OutboxMessage) -> bool:
        """End a message that is of no use any more. Return whether it was."""
        if self.clock.now() < message.useful_until:
            return False
        if message.id in self._perhaps_taken:
            message = msgspec.structs.replace(message, attempts=max(1, message.attempts))
        self._end(message, MessageState.CANCELLED, _events(message).cancelled, "too-late")
        return True

    def postpone_after_failed_try(self, message: OutboxMessage, reason: str) -> None:
        """Put off a message that was tried; the journal notes the first time."""
        event = _events(message).postponed if message.attempts == 0 else None
        self._put_off(message, reason, self._pause(message, LONGEST_PAUSE_SECONDS), counted=True, event=event)

    def wait_for_platform(self, message: OutboxMessage, reason: str) -> None:
        """Put off a message because the voting platform did not answer. The case says so already."""
        self._put_off(message, reason, self._pause(message, LONGEST_PLATFORM_PAUSE_SECONDS), counted=True)

    def postpone_untried_message(self, message: OutboxMessage, reason: str) -> None:
        """Put off a message that was not tried, through no fault of its own."""
        self._put_off(message, reason, self._spread(FIRST_SECONDS))

    def release(self, message: OutboxMessage) -> None:
        """Release a message for the next courier, since this one stops."""
        self._put_off(message, "stopping", 0.0)

    def _put_off(
        self,
        message: OutboxMessage,
        reason: str,
        seconds: float,
        *,
        counted: bool = False,
        event: EventType | None = None,
    ) -> None:
        now = self.clock.now()
        due = now + timedelta(seconds=seconds)
        try:
            with self.completions.store.write() as transaction:
                transaction.outbox.retry(message, due=due, reason=reason, counted=counted)
                if event is not None:
                    transaction.journal.write(courier_event(message, event, now, reason))
        except MessageClaimLost:
            log.warning("claim-lost", parcel=message.id)

    def _end(self, message: OutboxMessage, state: MessageState, act: EventType, reason: str) -> None:
        completion = MessageCompletion(message, state, act, reason, self.clock.now())
        self.completions.postpone(completion)

    def _pause(self, message: OutboxMessage, longest: float) -> float:
        return self._spread(pause_seconds(message.attempts + 1, longest))

    def _spread(self, seconds: float) -> float:
        """Spread a pause over its upper half, so that what failed together is not tried again together."""
        return seconds * (0.5 + self.jitter() / 2)


def _events(message: OutboxMessage) -> ChannelJournalEvents:
    return SMS if channel_of(message.kind) is Channel.SMS else MAIL
