"""How a message ends is written with the next one's decision: a commit a message, and not two.

The decision is written for good before its own message leaves, and the end with it. So a crash at any instant doubles at most
the messages in hand, as it does where each end is written by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
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
    """Those that are still to be written, of messages that have just been handed on: one, while relays are prompt."""

    store: Store
    _waiting: list[End] = field(default_factory=list, init=False)

    def put_off(self, end: End) -> None:
        """It waits for the next transaction of a decision."""
        self._waiting.append(end)

    @contextmanager
    def written(self, durability: Durability) -> Iterator[Transaction]:
        """A transaction of the courier, which writes the ends that wait too. When it is undone, they go on waiting.

        Raises ClaimLost, and Moved when another courier has a mail that one of them is of: the decision is none of that.
        """
        waiting = tuple(self._waiting)
        try:
            with self.store.write(durability) as transaction:
                for end in waiting:
                    end.write(transaction)
                yield transaction
        except ClaimLost:
            if not waiting:
                raise
            self.write_now()
            raise Moved from None
        del self._waiting[: len(waiting)]

    def write_now(self) -> None:
        """Where no decision comes. Their own were written for good before they were sent. Raises Unready, and they go on waiting."""
        if len(self._waiting) > 1:
            with suppress(ClaimLost, Moved):
                self._write(self._waiting)
                self._waiting.clear()
        for end in tuple(self._waiting):
            if self._written(end):
                self._waiting.remove(end)
        if self._waiting:
            raise Unready(self._waiting[0].parcel.case)

    def _written(self, end: End) -> bool:
        """By itself; it goes on waiting when others move what it moves again and again. Raises Unready."""
        try:
            until_unmoved(lambda: self._write([end]))
        except ClaimLost:
            log.warning("claim-lost", parcel=end.parcel.id)
        except errors.Unavailable:
            return False
        return True

    def _write(self, ends: Sequence[End]) -> None:
        with self.store.write(Durability.RELAXED) as transaction:
            for end in ends:
                end.write(transaction)
