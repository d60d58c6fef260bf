"""Counts of the codes sent by SMS each day."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Protocol

import msgspec

EVERYWHERE: Final = "*"
NETWORK_MARK: Final = "@"
"""Separator of the country and the network's digest in the scope of a network."""


class SentAndEnteredCodeCounts(msgspec.Struct, frozen=True):
    """The number of codes sent on one day, and the number of them that were entered."""

    sent: int = 0
    verified: int = 0


class DailySmsCodeCountsByScope(Protocol):
    """Counts of codes sent, exact under any number of workers. A `scope` is a country, a network, or `EVERYWHERE`."""

    def add(self, day: date, scope: str, spent: SentAndEnteredCodeCounts) -> None:
        """Add to that day's counts. Others who add to the same wait for the end of this transaction."""

    def increment_sent(self, day: date, scope: str) -> SentAndEnteredCodeCounts:
        """Count one more sent and return that day's counts. Others who count the same wait, as in `add`."""

    def of_scope(self, day: date, scope: str) -> SentAndEnteredCodeCounts:
        """Return that day's counts of one scope."""

    def of_day(self, day: date) -> Mapping[str, SentAndEnteredCodeCounts]:
        """Return that day's counts by scope, without those of networks."""
