"""Writes how messages ended, all that wait in one transaction.

The ends that wait are written before the next message is handled. A courier that is killed doubles at most the message in hand; with
a slow relay, whose answers come while the next one is handed over, as many as it has connections, and one more.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from core.flows.dependencies import retry_on_conflict
from core.forms import errors
from core.ports import (
    Actor,
    Conflict,
    Durability,
    Event,
    EventType,
    MessageClaimLost,
    MessageState,
    OutboxMessage,
    Store,
    StoreUnavailable,
    Transaction,
    Voter,
)

log = structlog.get_logger()
OnEnd = Callable[[Transaction, OutboxMessage, MessageState, datetime], None]


def courier_event(
    message: OutboxMessage, act: EventType, at: datetime, reason: str | None = None, voter: Voter | None = None
) -> Event:
    """Return the event of what the courier did with a message; `voter` is given where the message does not know them yet."""
    known = message.voter if voter is None else voter.id
    return Event(at=at, actor=Actor.COURIER, act=act, case=message.case, voter=known, reason=reason)


@dataclass(frozen=True, slots=True)
class MessageCompletion:
    """The final result of a message, to be written to the outbox, the journal and the case."""

    message: OutboxMessage
    state: MessageState
    act: EventType
    reason: str
    at: datetime


@dataclass(slots=True)
class UncommittedCompletions:
    """Completions that are not committed yet: one, while relays answer at once."""

    store: Store
    on_end: OnEnd
    """Changes the case of a message that ends, in the transaction that ends it. Raises Conflict."""
    _waiting: list[MessageCompletion] = field(default_factory=list, init=False)
    _to_sync: bool = field(default=False, init=False)
    """True while a power cut may undo the end of a message that was decided in an earlier round."""

    def postpone(self, completion: MessageCompletion, *, decided_before: bool = False) -> None:
        """Keep a completion until `write_now`. `decided_before` is true if its message was decided in an earlier round."""
        self._waiting.append(completion)
        self._to_sync |= decided_before

    def write_durably(self) -> None:
        """Write the waiting completions at the end of a batch. Raises StoreUnavailable, and they go on waiting.

        A power cut doubles at most a batch of messages, the same bytes, and those that were still under way before it: the ends of
        messages decided in this round become durable with the next round's decisions, those of messages decided before, now.
        """
        if self._waiting:
            self.write_now(Durability.FULL if self._to_sync else Durability.RELAXED)
        if self._to_sync:  # all were written before: SQLite waits for the disk; PostgreSQL does by itself within 0.6 s
            self.write([], Durability.FULL)

    def write_now(self, durability: Durability = Durability.RELAXED) -> None:
        """Write the waiting completions. Raises StoreUnavailable, and they go on waiting."""
        if len(self._waiting) > 1:
            with suppress(MessageClaimLost, Conflict):
                self.write(self._waiting, durability)
                self._waiting.clear()
        for completion in tuple(self._waiting):
            if self._write_alone(completion, durability):
                self._waiting.remove(completion)
        if self._waiting:
            raise StoreUnavailable(self._waiting[0].message.case)

    def _write_alone(self, completion: MessageCompletion, durability: Durability) -> bool:
        """Return whether it is done with; it is not while others change its case again and again."""
        try:
            retry_on_conflict(lambda: self.write([completion], durability))
        except MessageClaimLost:
            log.warning("claim-lost", parcel=completion.message.id)
        except errors.ServiceUnavailable:
            return False
        return True

    def write(self, completions: Sequence[MessageCompletion], durability: Durability) -> None:
        """Write these completions in one transaction. Raises StoreUnavailable, MessageClaimLost, Conflict."""
        with self.store.write(durability) as transaction:
            for each in completions:
                transaction.outbox.finish(each.message, each.state, at=each.at, reason=each.reason)
                transaction.journal.write(courier_event(each.message, each.act, each.at, each.reason))
                self.on_end(transaction, each.message, each.state, each.at)
        self._to_sync = self._to_sync and durability is not Durability.FULL
