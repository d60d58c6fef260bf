"""What SMS have cost today."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Protocol

import msgspec

EVERYWHERE: Final = "*"


class Spent(msgspec.Struct, frozen=True):
    """Of one day: how many codes went out, and how many of them came back."""

    sent: int = 0
    verified: int = 0


class Spending(Protocol):
    """What sending codes costs, exact under any number of workers. A `scope` is a country or all of them (`EVERYWHERE`)."""

    def add(self, day: date, scopes: Sequence[str], spent: Spent) -> Mapping[str, Spent]:
        """Adds to each of them on that day; what they are now, by scope.

        Others who add to the same wait for the end of this transaction; so everybody names them in the same order.
        """

    def post(self, day: date, scopes: Sequence[str], spent: Spent) -> None:
        """The same, for whoever need not know."""

    def of_day(self, day: date) -> Mapping[str, Spent]:
        """By scope."""
