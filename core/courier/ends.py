"""How a mail ends is written with the next one's decision: a commit a mail, and not two.

The decision is written for good before its own mail leaves, and the end with it. So a crash at any instant doubles at most
the mail in hand, as it does where each end is written by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from core.ports import Act, Actor, ClaimLost, Durability, Event, Moved, Parcel, ParcelState, Store, Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What became of a parcel."""

    parcel: Parcel
    state: ParcelState
    act: Act
    reason: str
    at: datetime

    def write(self, transaction: Transaction) -> None:
        """Into the outbox and the journal. Raises ClaimLost."""
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


@dataclass(slots=True)
class Ends:
    """The one that is still to be written, if there is one: of the mail that has just been handed on."""

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
        """Where no decision comes. Its own was written for good before it was sent."""
        if self._waiting is None:
            return
        try:
            with self.store.write(Durability.RELAXED) as transaction:
                self._waiting.write(transaction)
        except ClaimLost:
            log.warning("claim-lost", parcel=self._waiting.parcel.id)
        self._waiting = None
