"""Known outages: so many messages wait too long that what carries them has failed, and not the cases."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.forms.flow_model import Channel
from core.ports import StuckMessage, Transaction, channel_of

MANY_LATE = 20
"""From this number on, the relays need attention and not the cases."""


@dataclass(frozen=True, slots=True)
class LateMessagesOutage:
    """An outage of these channels; `since` is when the oldest waiting message was put in."""

    since: datetime
    channels: frozenset[Channel | None]


def late_messages(transaction: Transaction, now: datetime, minutes: int) -> list[StuckMessage]:
    """Return the messages that wait for longer than that, the oldest first, `MANY_LATE` at most."""
    return transaction.outbox.waiting_since(now - timedelta(minutes=minutes), MANY_LATE)


def outage_of(late: list[StuckMessage]) -> LateMessagesOutage | None:
    """Return the outage that so many late messages mean."""
    if len(late) < MANY_LATE:
        return None
    return LateMessagesOutage(late[0].since, frozenset(channel_of(each.kind) for each in late))
