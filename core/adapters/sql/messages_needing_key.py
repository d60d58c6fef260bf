"""Finds messages that still need a master key, before it is retired."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, LargeBinary, func, select

from core.adapters.key_vault import HEADER_BYTES, key_id_of
from core.adapters.sql.tables import outbox
from core.ports import MessageState

MAY_LEAVE = (MessageState.WAITING, MessageState.PARKED)
HEADER = func.substr(outbox.c.sealed, 1, HEADER_BYTES, type_=LargeBinary)
"""The beginning of a sealed body, which names its key; the bodies are not read, since there may be a million."""


@dataclass(frozen=True, slots=True)
class MessageNeedingKey:
    """A message that only `key` opens, and that may be sent until `until`."""

    case: str
    key: int
    until: datetime


def messages_needing_keys(connection: Connection, keys: Collection[int], now: datetime) -> Iterator[MessageNeedingKey]:
    """Return the messages that may still be sent and are sealed with one of those keys, the longest useful first."""
    wanted = (
        select(outbox.c.case, outbox.c.useful_until, HEADER)
        .where(outbox.c.state.in_(MAY_LEAVE), outbox.c.sealed.is_not(None), outbox.c.useful_until > now)
        .order_by(outbox.c.useful_until.desc())
    )
    for case, until, header in connection.execute(wanted):
        key = key_id_of(header)
        if key is not None and key in keys:
            yield MessageNeedingKey(case, key, until)
