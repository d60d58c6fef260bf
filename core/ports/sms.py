from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from core.ports import Transaction


class CodeRequestOutcome(StrEnum):
    NOT_SENT = "not-sent"
    """No code was sent, but the request counts against the voter's limits."""
    WITHDRAWN = "withdrawn"
    """The phone number changed before sending. The request does not count against the limits."""
    SENT = "sent"
    ANSWERED = "answered"


class CodeSending(msgspec.Struct, frozen=True, kw_only=True):
    """A security code that a voter requested, with the outcome of the request."""

    id: int
    phone: bytes
    at: datetime
    outcome: CodeRequestOutcome


class SmsBudgetReservation(msgspec.Struct, frozen=True):
    """Reserves room for one security code in a day's SMS budgets."""

    day: date
    places: dict[str, int]


class CodeSendingRepository(Protocol):
    """Records the security codes that each voter requested. The caller must lock the voter first."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]: ...

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None: ...

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None: ...

    def forget(self, voter: int, until: datetime) -> None: ...


EVERYWHERE: Final = "*"
NETWORK_MARK: Final = "@"
"""Separates the country from the network in SMS budget names."""


class CodeCounts(msgspec.Struct, frozen=True):
    sent: int = 0
    verified: int = 0


class DailyCodeCounts(Protocol):
    """Counts security codes by day and scope. A scope is a country, a network or EVERYWHERE."""

    def add(self, day: date, scope: str, spent: CodeCounts) -> None:
        """Add `spent` to the counts. The counts stay locked until the transaction ends."""

    def increment_sent(self, day: date, scope: str) -> CodeCounts:
        """Count one more sent code. The counts stay locked until the transaction ends."""

    def of_scope(self, day: date, scope: str) -> CodeCounts: ...

    def of_day(self, day: date) -> Mapping[str, CodeCounts]: ...


class SmsRoute(msgspec.Struct, frozen=True):
    country: str
    network: str


class SmsTurn(msgspec.Struct, frozen=True):
    places: SmsBudgetReservation
    at: datetime


class SharedSmsBudgets(Protocol):
    """Daily SMS budgets shared by all voters. They limit SMS pumping (fraud)."""

    def network_digest(self, network: str) -> str:
        """Return a keyed digest that replaces the network's address in the counts."""

    def reserve_in_budgets(
        self,
        transaction: "Transaction",
        route: SmsRoute,
        reservation: SmsBudgetReservation | None,
        now: datetime,
    ) -> SmsTurn:
        """Reserve one SMS. Returns the reservation and the earliest time to send the code."""

    def grow_budgets_after_verified_code(self, transaction: "Transaction", route: SmsRoute, now: datetime) -> None:
        """Increase today's SMS budgets for this route."""

    def release_reservation(self, transaction: "Transaction", reservation: SmsBudgetReservation | None) -> None:
        """Release the reservation of a code that was not sent."""


class SmsDeliveryStatus(StrEnum):
    """Status of an SMS or call. An answered call counts as DELIVERED."""

    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no-answer"


class IncomingSmsOutcome(StrEnum):
    ACCEPTED = "accepted"
    WRONG = "wrong"
    REFUSED = "refused"
    """The SMS was refused, for example because of too many wrong codes."""
    UNREAD = "unread"
    """The SMS contained no code, or no code was expected from this phone."""


class SmsEventReceiver(Protocol):
    """Processes delivery reports and voters' SMS. Either may arrive late or more than once."""

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: "Callable[[Transaction], object]"
    ) -> bool:
        """Process a report and call `note` in the same transaction. Returns False for unknown messages."""

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        """Process an SMS from a voter. `phone` is an E.164 number, and `text` is untrusted."""


class DeliveryReportRepository(Protocol):
    """Remembers received reports and SMS, so that each is processed only once."""

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool: ...

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        """Record an incoming SMS. Returns True if it is new."""

    def forget_answer(self, answer: bytes) -> None:
        """Forget an SMS, so that it counts as new when it arrives again."""
