"""What SMS have cost."""

from collections.abc import Mapping, Sequence
from datetime import date

from core.adapters.memory.shelf import Port
from core.ports import Spent


class MemorySpending(Port):
    """The port Spending."""

    def add(self, day: date, scopes: Sequence[str], spent: Spent) -> Mapping[str, Spent]:
        for scope in scopes:
            former = self._shelf.spending.get((day, scope), Spent())
            self._shelf.spending[day, scope] = Spent(former.sent + spent.sent, former.verified + spent.verified)
        return {scope: self._shelf.spending[day, scope] for scope in scopes}

    def post(self, day: date, scopes: Sequence[str], spent: Spent) -> None:
        self.add(day, scopes, spent)

    def of_day(self, day: date) -> Mapping[str, Spent]:
        return {scope: spent for (known, scope), spent in self._shelf.spending.items() if known == day}
