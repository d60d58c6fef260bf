"""How a message ends is written with the next one's decision: a commit a message, and not two.

The decision is written for good before its own message leaves, and the end with it. So a crash at any instant doubles at most
the message in hand, as it does where each end is written by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from core import errors
from core.ports import Act, Actor, ClaimLost, Durability, Event, Moved, Parcel, ParcelState, Store, Transaction, Unready
from core.service.tools import until_unmoved

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What became of a parcel."""

    parcel: Parcel
    state: ParcelState
    act: Act
    reason: str
    at: datetime
    beyond: Callable[[Transaction], None]
    """What it means beyond the parcel, in the same transaction. Raises Moved."""

    def write(self, transaction: Transaction) -> None:
        """Into the outbox and the journal, and beyond. Raises ClaimLost, Moved."""
        transaction.outbox.finish(self.parcel, self.state, at=self.at, reason=self.reason)
        transaction.journal.write(
            Event(
                at=self.at,
                actor=Actor.COURIER,
                act=self.act,
                case=self.parcel.case,
                voter=self.parcel.voter,
                reason=self.reason,
            )
        )
        self.beyond(transaction)


@dataclass(slots=True)
class Ends:
    """The one that is still to be written, if there is one: of the message that has just been handed on."""

    store: Store
    _waiting: End | None = field(default=None, init=False)

    def put_off(self, end: End) -> None:
        """It waits for the next transaction of a decision."""
        self.write_now()
        self._waiting = end

    @contextmanager
    def written(self, durability: Durability) -> Iterator[Transaction]:
        """A transaction of the courier, which writes the end that waits too. When it is undone, that goes on waiting.

        Raises ClaimLost, and Moved when another courier has the mail that the end is of: the decision is none of that.
        """
        try:
            with self.store.write(durability) as transaction:
                if self._waiting is not None:
                    self._waiting.write(transaction)
                yield transaction
        except ClaimLost:
            if self._waiting is None:
                raise
            self.write_now()
            raise Moved from None
        self._waiting = None

    def write_now(self) -> None:
        """Where no decision comes. Its own was written for good before it was sent. Raises Unready, and it goes on waiting."""
        waiting = self._waiting
        if waiting is None:
            return
        try:
            until_unmoved(lambda: self._write(waiting))
        except ClaimLost:
            log.warning("claim-lost", parcel=waiting.parcel.id)
        except errors.Unavailable:
            raise Unready(waiting.parcel.case) from None
        self._waiting = None

    def _write(self, end: End) -> None:
        with self.store.write(Durability.RELAXED) as transaction:
            end.write(transaction)
