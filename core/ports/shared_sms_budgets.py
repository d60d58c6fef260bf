"""The budgets of SMS, used within a transaction."""

from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.code_sendings import SmsBudgetReservation
from core.ports.store import Transaction


class SmsCountryAndNetwork(msgspec.Struct, frozen=True):
    """The country a code goes to, by its ISO 3166 region, and the keyed digest of the network that asked for it."""

    country: str
    network: str


class SmsReservationAndSendTime(msgspec.Struct, frozen=True):
    """The reservation of a code, and when it is sent: now, or the expected time."""

    places: SmsBudgetReservation
    at: datetime


class SharedSmsBudgets(Protocol):
    """The budgets of codes by SMS that all voters share (SMS pumping), as exact counters."""

    def network_digest(self, network: str) -> str:
        """Return the keyed digest by which a network is counted."""

    def reserve_in_budgets(
        self,
        transaction: Transaction,
        route: SmsCountryAndNetwork,
        reservation: SmsBudgetReservation | None,
        now: datetime,
    ) -> SmsReservationAndSendTime:
        """Reserve a code's place in each budget where it has none, and return when it is sent. A place is kept for its day."""

    def grow_budgets_after_verified_code(
        self, transaction: Transaction, route: SmsCountryAndNetwork, now: datetime
    ) -> None:
        """Record that a code was entered, so that the number is genuine."""

    def release_reservation(self, transaction: Transaction, reservation: SmsBudgetReservation | None) -> None:
        """Release the reservation of a code that never left."""
