"""Records whether a message was sent, was refused, or must be retried."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.delivery.retry_backoff import FIRST_SECONDS, RetryBackoff, pause_seconds
from core.flows.dependencies import retry_on_conflict
from core.flows.flow_messages import OutboxMessageProcessor
from core.ports import (
    SMS_KINDS,
    Actor,
    Clock,
    Event,
    EventType,
    MessageKind,
    MessageState,
    OutboxMessage,
    SendAccepted,
    SendPostponed,
    SendRefused,
    SendResult,
    Store,
    Voter,
)

LONGEST_PAUSE_SECONDS = 600.0
LONGEST_PLATFORM_PAUSE_SECONDS = 30.0
"""Maximum number of seconds before the voting platform is tried again."""

log = logging.getLogger("retrouve")


def courier_event(
    message: OutboxMessage, act: EventType, at: datetime, reason: str | None = None, voter: Voter | None = None
) -> Event:
    known = message.voter if voter is None else voter.id
    return Event(at=at, actor=Actor.COURIER, act=act, case=message.case, voter=known, reason=reason)


def _reason(message: OutboxMessage, reason: str) -> str:
    """Return the reason to write to the journal. For a call, the reason begins with the kind of message."""
    return f"{message.kind} {reason}" if message.kind == MessageKind.CALL else reason


@dataclass(frozen=True, slots=True)
class ChannelEvents:
    accepted: EventType
    postponed: EventType
    refused: EventType
    cancelled: EventType
    refused_state: MessageState


MAIL = ChannelEvents(
    EventType.MAIL_ACCEPTED,
    EventType.MAIL_POSTPONED,
    EventType.MAIL_REFUSED,
    EventType.MAIL_CANCELLED,
    MessageState.PARKED,  # the desk may send it again, so its body is kept
)
SMS = ChannelEvents(
    EventType.SMS_ACCEPTED,
    EventType.SMS_POSTPONED,
    EventType.SMS_REFUSED,
    EventType.SMS_CANCELLED,
    MessageState.DROPPED,  # no code or identifier is kept
)


@dataclass(kw_only=True)
class ResultRecorder:
    """Records the results of sending messages. All methods raise StoreUnavailable and MessageClaimLost.

    `record` and `cancel` also raise ServiceUnavailable if other transactions keep changing the message's case.
    """

    store: Store
    clock: Clock
    jitter: Callable[[], float]
    processors: Mapping[str, OutboxMessageProcessor]
    relays: RetryBackoff = field(init=False)
    """Pauses the processing of link requests while no mail relay is reachable."""

    def __post_init__(self) -> None:
        self.relays = RetryBackoff(FIRST_SECONDS, lambda: self.clock.now().timestamp())

    def record(self, message: OutboxMessage, answer: SendResult) -> None:
        events = SMS if message.kind in SMS_KINDS else MAIL
        match answer:
            case SendAccepted(relay=relay):
                if events is MAIL:
                    self.relays.succeeded()
                taken_by = relay if events is MAIL else f"{message.kind} {relay}"
                retry_on_conflict(lambda: self._end(message, MessageState.SENT, events.accepted, taken_by))
                log.info(events.accepted.value, extra={"parcel": message.id, "kind": message.kind, "relay": relay})
            case SendRefused(reason=reason):
                log.warning(events.refused.value, extra={"parcel": message.id, "reason": reason})
                retry_on_conflict(
                    lambda: self._end(message, events.refused_state, events.refused, _reason(message, reason))
                )
            case SendPostponed(reason=reason, answered=answered):
                log.warning(
                    events.postponed.value, extra={"parcel": message.id, "reason": reason, "attempts": message.attempts}
                )
                if answered:
                    self.postpone_after_failed_try(message, reason)
                    return
                if events is MAIL:
                    self.relays.failed()
                self.postpone_untried(message, reason)

    def cancel(self, message: OutboxMessage) -> None:
        events = SMS if message.kind in SMS_KINDS else MAIL
        retry_on_conflict(
            lambda: self._end(message, MessageState.CANCELLED, events.cancelled, _reason(message, "too-late"))
        )

    def postpone_after_failed_try(self, message: OutboxMessage, reason: str) -> None:
        """Record a failed attempt, and retry the message later. Only the first failure is written to the journal."""
        events = SMS if message.kind in SMS_KINDS else MAIL
        event = events.postponed if message.attempts == 0 else None
        pause = self._pause(message, LONGEST_PAUSE_SECONDS)
        self._put_off(message, _reason(message, reason), pause, counted=True, event=event)

    def wait_for_platform(self, message: OutboxMessage, reason: str) -> None:
        self._put_off(message, reason, self._pause(message, LONGEST_PLATFORM_PAUSE_SECONDS), counted=True)

    def postpone_untried(self, message: OutboxMessage, reason: str) -> None:
        """Retry a message later because it could not be tried now. This does not count as a failed attempt."""
        self._put_off(message, reason, self._spread(FIRST_SECONDS))

    def release(self, message: OutboxMessage) -> None:
        self._put_off(message, "stopping", 0.0)

    def _end(self, message: OutboxMessage, state: MessageState, act: EventType, reason: str) -> None:
        now = self.clock.now()
        with self.store.write() as transaction:
            transaction.outbox.finish(message, state, at=now, reason=reason)
            transaction.journal.write(courier_event(message, act, now, reason))
            if (processor := self.processors.get(message.kind)) is not None:
                processor.on_message_end(transaction, message, state, now)

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
        with self.store.write() as transaction:
            transaction.outbox.retry(message, due=now + timedelta(seconds=seconds), reason=reason, counted=counted)
            if event is not None:
                transaction.journal.write(courier_event(message, event, now, reason))

    def _pause(self, message: OutboxMessage, longest: float) -> float:
        return self._spread(pause_seconds(message.attempts + 1, longest))

    def _spread(self, seconds: float) -> float:
        return seconds * (0.5 + self.jitter() / 2)
