"""The budgets of SMS, used within a transaction."""

from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.code_sendings import PlacesInSmsBudgets
from core.ports.store import Transaction


class SmsCountryAndNetwork(msgspec.Struct, frozen=True):
    """The country a code goes to, by its ISO 3166 region, and the keyed digest of the network that asked for it."""

    country: str
    network: str


class CodeSendingTurn(msgspec.Struct, frozen=True):
    """The places of a code, and when it is its turn: now, or the expected time."""

    places: PlacesInSmsBudgets
    at: datetime


class SharedSmsBudgets(Protocol):
    """The budgets of codes by SMS that all voters share (SMS pumping), as exact counters."""

    def network_digest(self, network: str) -> str:
        """Return the keyed digest by which a network is counted."""

    def take_places(
        self,
        transaction: Transaction,
        route: SmsCountryAndNetwork,
        taken_places: PlacesInSmsBudgets | None,
        now: datetime,
    ) -> CodeSendingTurn:
        """Take the places of a code that have not been taken, and return its turn. A place is kept for its day."""

    def record_verified(self, transaction: Transaction, route: SmsCountryAndNetwork, now: datetime) -> None:
        """Record that a code was entered, so that the number is genuine."""

    def give_back(self, transaction: Transaction, places: PlacesInSmsBudgets | None) -> None:
        """Give back the places of a code that never left."""
