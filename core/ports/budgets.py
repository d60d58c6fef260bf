"""What SMS may cost, asked within a transaction."""

from datetime import datetime
from typing import Protocol

from core.errors import Refusal
from core.ports.store import Transaction


class Budgets(Protocol):
    """What sending codes may cost (SMS pumping), as exact counters."""

    def take(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:
        """Counts one code about to be sent to the number of that keyed digest. `country` is its ISO 3166 region.

        Raises Exhausted, here or later in the transaction, which comes to nothing: `refusal` tells why.
        """

    def refusal(self, phone: bytes, country: str, now: datetime) -> Refusal:
        """What whoever wants a code is told, by the budget that is spent."""

    def verified(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:
        """Hears that a code sent there came back: the number answers."""
