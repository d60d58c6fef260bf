"""A prepared message, and its two ends: sealed in the outbox with what is sent, or dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from core.delivery.batched_message_completions import courier_event
from core.ports import ComposedMail, EventType, MessageState, OutboxMessage, Transaction, Vault, Voter
from core.security.outbox_sealing import Content, seal_message


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A message as it stands since it was decided (its voter is known from then on), and what is sent for it."""

    message: OutboxMessage
    content: Content


WriteDecision = Callable[[Transaction], PreparedMessage | None]
"""Writes what is decided on an ask or a notice, and returns what is sent."""


def drop_message(
    transaction: Transaction, message: OutboxMessage, now: datetime, reason: str, voter: Voter | None = None
) -> None:
    """End a message of which nothing is sent."""
    transaction.outbox.finish(message, MessageState.DROPPED, at=now, reason=reason)
    transaction.journal.write(courier_event(message, EventType.ASK_DROPPED, now, reason, voter))


def store_composed_mail(
    transaction: Transaction, vault: Vault, message: OutboxMessage, mail: ComposedMail, *, kind: str, voter: int | None
) -> PreparedMessage:
    """Store a mail sealed with its message; every try sends these bytes."""
    sealed = seal_message(vault, message.id, mail)
    transaction.outbox.store_composed(message, kind=kind, sealed=sealed, voter=voter)
    return PreparedMessage(msgspec.structs.replace(message, kind=kind, voter=voter, sealed=sealed), mail)
