"""What SMS have cost."""

from collections.abc import Mapping
from datetime import date

from core.adapters.memory.shelf import Port
from core.ports import Exhausted, Spent


class MemorySpending(Port):
    """The port Spending."""

    def add(self, day: date, scope: str, spent: Spent) -> None:
        former = self._shelf.spending.get((day, scope), Spent())
        self._shelf.spending[day, scope] = Spent(former.sent + spent.sent, former.verified + spent.verified)

    def spend(self, day: date, scope: str, *, most: int, more: int) -> None:
        former = self._shelf.spending.get((day, scope), Spent())
        if former.sent >= most + more * former.verified:
            raise Exhausted
        self.add(day, scope, Spent(sent=1))

    def of_day(self, day: date) -> Mapping[str, Spent]:
        return {scope: spent for (known, scope), spent in self._shelf.spending.items() if known == day}
