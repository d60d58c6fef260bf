"""Erasing what nobody has a right to keep any more: storage limitation, GDPR article 5(1)(e).

The vote's close ends what only served to vote. The rest is evidence until the time to contest the election is over, as
French election texts say of everything recorded ("jusqu'à l'épuisement des voies et délais de recours contentieux"), and goes then.
The journal stays: its lines hold numbers and reasons, never a contact, so that nothing in it has to go and its chain stays sound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ports import Act, Actor, Durability, Event, Remains
from core.service.tools import Tools

AT_THE_CLOSE = frozenset({Remains.SESSIONS, Remains.LINKS, Remains.AWAITED_CODES, Remains.BODIES})
"""Of no use once nobody can vote; whatever else there is waits for the end of the time to contest."""


@dataclass(frozen=True, slots=True)
class Left:
    """How many of a kind there are, and from when on they must go."""

    kind: Remains
    count: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Purging:
    """The purge of one election."""

    tools: Tools

    def found(self) -> list[Left]:
        """What there is of each kind, in the order in which it goes."""
        now = self.tools.clock.now()
        with self.tools.store.read() as transaction:
            return [Left(kind, transaction.leftovers.count(kind, now), self.due(kind)) for kind in Remains]

    def due(self, kind: Remains) -> datetime:
        """From when on that kind must go."""
        closes = self.tools.calendar.vote_closes
        contested = timedelta(0) if kind in AT_THE_CLOSE else timedelta(days=self.tools.policy.contest_days)
        return closes + contested

    def erase(self) -> Mapping[Remains, int]:
        """Erases what is due, and says how many of each; the journal keeps the counts. Again, it does nothing."""
        now = self.tools.clock.now()
        due = [kind for kind in Remains if self.due(kind) <= now]
        with self.tools.store.write(Durability.FULL) as transaction:
            counted = {kind: transaction.leftovers.erase(kind, now) for kind in due}
            gone = {kind: count for kind, count in counted.items() if count}
            if gone:
                said = ", ".join(f"{kind} {count}" for kind, count in gone.items())
                transaction.journal.write(Event(at=now, actor=Actor.OPERATOR, act=Act.PURGED, reason=said))
        return gone
