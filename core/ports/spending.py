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

    def add(self, day: date, scope: str, spent: Spent) -> Spent:
        """Adds to that day's; returns what it is now. Others who add to the same wait for the end of this transaction."""

    def of_day(self, day: date) -> Mapping[str, Spent]:
        """By scope."""
