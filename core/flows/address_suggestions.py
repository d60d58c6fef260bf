"""Suggests corrections for mistyped email domains.

Rare domains are not suggested: they would reveal who is on the roll.
"""

from contextlib import suppress
from dataclasses import dataclass, field

from core.flows.dependencies import Dependencies
from core.ports import StoreUnavailable
from core.text.text import N_

FEWEST_VOTERS = 50
MOST_MISTAKES = 2
DID_YOU_MEAN = N_("Vouliez-vous dire ceci ? {suggestion}")


@dataclass
class AddressSuggestions:
    dependencies: Dependencies
    _domains: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._domains = self.dependencies.address_domains

    def load_domains(self) -> None:
        """Add the domains that at least `FEWEST_VOTERS` voters use, if the database is available."""
        with suppress(StoreUnavailable), self.dependencies.store.read() as transaction:
            frequent = transaction.directory.frequent_domains(FEWEST_VOTERS)
            self._domains = tuple({*self.dependencies.address_domains, *frequent})

    def suggested_address(self, address: str) -> str | None:
        """Return the address with a corrected domain, or None if there is no correction."""
        name, _, domain = address.rpartition("@")
        typed = domain.lower()
        if typed in self._domains:  # most addresses: comparing all domains would double the CPU time of a way
            return None
        distances = {domain: edit_distance(typed, domain) for domain in sorted(self._domains)}
        closest = min(distances, key=distances.__getitem__, default=typed)
        if not 0 < distances.get(closest, 0) <= MOST_MISTAKES:
            return None
        return f"{name}@{closest}"


def edit_distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance between two words."""
    before, last = list[int](), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        present = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, present[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and (letter, one[row - 2]) == (other[column - 2], wanted):
                cost = min(cost, before[column - 2] + 1)
            present.append(cost)
        before, last = last, present
    return last[-1]
