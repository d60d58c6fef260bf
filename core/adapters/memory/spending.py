"""What SMS have cost."""

from collections.abc import Mapping
from datetime import date

from core.adapters.memory.shelf import Port
from core.ports import Spent


class MemorySpending(Port):
    """The port Spending."""

    def add(self, day: date, scope: str, spent: Spent) -> Spent:
        former = self._shelf.spending.get((day, scope), Spent())
        present = Spent(former.sent + spent.sent, former.verified + spent.verified)
        self._shelf.spending[day, scope] = present
        return present

    def of_day(self, day: date) -> Mapping[str, Spent]:
        return {scope: spent for (known, scope), spent in self._shelf.spending.items() if known == day}
