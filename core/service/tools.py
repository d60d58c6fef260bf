"""What every use case works with, and the few moves they share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from core import errors
from core.policy import Calendar, Deed, Election, Phase, Policy
from core.ports import Act, Actor, Clock, Durability, Entropy, Event, Guesses, Hasher, Moved, Store, Vault
from core.text import Moment

T = TypeVar("T")

TRIES_AFTER_A_MOVE = 20
"""How often an act is decided again when others move the same case in the same instant."""


NOTED_WHERE_DECIDED = (
    errors.NotYetOpen,
    errors.VoteClosed,
    errors.TooManySignIns,
    errors.TooManyMatchings,
    errors.TooManyCodes,
    errors.PhoneTaken,
    errors.NoReissueLeft,
    errors.ReissueUnderWay,
)
"""Refusals whose event was written with the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The ports and the rules of this election."""

    store: Store
    vault: Vault
    hasher: Hasher
    guesses: Guesses
    clock: Clock
    entropy: Entropy
    policy: Policy
    calendar: Calendar
    election: Election

    def require(self, deed: Deed, now: datetime, *, agent: str | None = None) -> None:
        """Raises NotYetOpen, VoteClosed when the calendar forbids it (rule 10); the journal keeps the refusal."""
        closed = self.closed(deed, now)
        if closed is None:
            return
        actor = Actor.VOTER if agent is None else Actor.AGENT
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.journal.write(Event(at=now, actor=actor, act=Act.CALENDAR_REFUSED, reason=deed, agent=agent))
        raise closed

    def closed(self, deed: Deed, now: datetime) -> errors.Refusal | None:
        """Why the calendar forbids it now, if it does."""
        if self.calendar.allows(deed, now):
            return None
        if self.calendar.phase(now) is Phase.BEFORE:
            return errors.NotYetOpen(opens_at=Moment(self.calendar.local(self.calendar.recovery_opens)))
        return errors.VoteClosed(closed_at=Moment(self.calendar.local(self.calendar.vote_closes)))

    def note_refused(self, refusal: errors.Refusal) -> None:
        """Writes that an act was refused, when nobody knows whose it was (rule 12)."""
        if isinstance(refusal, NOTED_WHERE_DECIDED):
            return
        event = Event(at=self.clock.now(), actor=Actor.VOTER, act=Act.ACT_REFUSED, reason=refusal.id)
        with self.store.write(Durability.RELAXED) as transaction:
            transaction.journal.write(event)


def until_unmoved(act: Callable[[], T]) -> T:
    """Does an act that reads, decides and writes by compare-and-swap; when another moved first, decides again.

    Raises Unavailable when it never gets its turn: nothing was done.
    """
    for _ in range(TRIES_AFTER_A_MOVE):
        try:
            return act()
        except Moved:
            continue
    raise errors.Unavailable
