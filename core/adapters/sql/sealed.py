"""Which rows still need which master key: asked before a key is retired."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, LargeBinary, func, select

from core.adapters.keys import HEADER_BYTES, key_of
from core.adapters.sql.tables import outbox
from core.ports import ParcelState

MAY_LEAVE = (ParcelState.WAITING, ParcelState.PARKED)
HEADER = func.substr(outbox.c.sealed, 1, HEADER_BYTES, type_=LargeBinary)
"""The bodies stay where they are: there may be a million."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A message that only that key opens; after `until` it would not be sent any more."""

    case: str
    key: int
    until: datetime


def still_needed(connection: Connection, keys: Collection[int], now: datetime) -> Iterator[Needed]:
    """The messages that may still be sent and are sealed by one of those keys, the last to end first."""
    wanted = (
        select(outbox.c.case, outbox.c.useful_until, HEADER)
        .where(outbox.c.state.in_(MAY_LEAVE), outbox.c.sealed.is_not(None), outbox.c.useful_until > now)
        .order_by(outbox.c.useful_until.desc())
    )
    for case, until, header in connection.execute(wanted):
        key = key_of(header)
        if key is not None and key in keys:
            yield Needed(case, key, until)
