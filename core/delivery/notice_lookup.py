"""Looks up what is known of the voters and cases of notices: mails that tell what has happened, and ask for nothing to be decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ports import OutboxMessage, Store, Voter


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice: its message, its voter (None if the roll has none), and the state of its case."""

    message: OutboxMessage
    voter: Voter | None
    state: object


def look_up_notices(store: Store, messages: Sequence[OutboxMessage]) -> list[Notice]:
    """Return the notices that these messages are, looked up at once. Raises StoreUnavailable."""
    with store.read() as transaction:
        voters = transaction.voters.by_ids([message.voter for message in messages if message.voter is not None])
        cases = transaction.recoveries.by_numbers([message.case for message in messages])
    return [
        Notice(
            message,
            voter=None if message.voter is None else voters.get(message.voter),
            state=cases[message.case].state if message.case in cases else None,
        )
        for message in messages
    ]
