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
    ConflictError,
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
    """Changes the case of a message that ends, in the transaction that ends it. Raises ConflictError."""
    _waiting: list[MessageCompletion] = field(default_factory=list, init=False)

    def postpone(self, completion: MessageCompletion) -> None:
        """Keep a completion until `write_now`."""
        self._waiting.append(completion)

    def write_now(self) -> None:
        """Write the waiting completions. Raises StoreUnavailable, and they go on waiting."""
        if len(self._waiting) > 1:
            with suppress(MessageClaimLost, ConflictError):
                self.write(self._waiting)
                self._waiting.clear()
        for completion in tuple(self._waiting):
            if self._write_alone(completion):
                self._waiting.remove(completion)
        if self._waiting:
            raise StoreUnavailable(self._waiting[0].message.case)

    def _write_alone(self, completion: MessageCompletion) -> bool:
        """Return whether it is done with; it is not while others change its case again and again."""
        try:
            retry_on_conflict(lambda: self.write([completion]))
        except MessageClaimLost:
            log.warning("claim-lost", parcel=completion.message.id)
        except errors.ServiceUnavailable:
            return False
        return True

    def write(self, completions: Sequence[MessageCompletion]) -> None:
        """Write these completions in one transaction. Raises StoreUnavailable, MessageClaimLost, ConflictError."""
        with self.store.write() as transaction:
            for each in completions:
                transaction.outbox.finish(each.message, each.state, at=each.at, reason=each.reason)
                transaction.journal.write(courier_event(each.message, each.act, each.at, each.reason))
                self.on_end(transaction, each.message, each.state, each.at)
