"""The courier's lines in the journal."""

from datetime import datetime

from core.ports import Actor, Event, EventType, OutboxMessage, Voter


def courier_event(
    message: OutboxMessage, act: EventType, at: datetime, reason: str | None = None, voter: Voter | None = None
) -> Event:
    """Return the event of what the courier did with a message; `voter` is given where the message does not know them yet."""
    known = message.voter if voter is None else voter.id
    return Event(at=at, actor=Actor.COURIER, act=act, case=message.case, voter=known, reason=reason)
