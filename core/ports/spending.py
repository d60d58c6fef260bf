"""What SMS have cost today."""

from collections.abc import Mapping
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

    def add(self, day: date, scope: str, spent: Spent) -> None:
        """Adds to that day's. Others who add to the same wait for the end of this transaction."""

    def spend(self, day: date, scope: str, *, most: int, more: int) -> None:
        """Adds one sent to that day's, of at most `most` (one or more) and `more` for each verified.

        Raises Exhausted when there were as many: here, or later in the transaction.
        """

    def of_day(self, day: date) -> Mapping[str, Spent]:
        """By scope."""
