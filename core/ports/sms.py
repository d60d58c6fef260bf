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
    """No SMS was sent, because the voter changed the phone number. The code does not count against the limits."""
    SENT = "sent"
    ANSWERED = "answered"


class CodeSending(msgspec.Struct, frozen=True, kw_only=True):
    """The record of a security code that a voter requested, with the outcome of the request."""

    id: int
    phone: bytes
    at: datetime
    outcome: CodeRequestOutcome


class SmsBudgetReservation(msgspec.Struct, frozen=True):
    """The reservations for one security code in the SMS budgets of one day."""

    day: date
    places: dict[str, int]


class CodeSendingRepository(Protocol):
    """Stores which security codes were sent to each voter. The caller must lock the voter first."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]: ...

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None: ...

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None: ...

    def forget(self, voter: int, until: datetime) -> None: ...


EVERYWHERE: Final = "*"
NETWORK_MARK: Final = "@"
"""Separates the country from the network's digest in the name of a network's SMS budget."""


class CodeCounts(msgspec.Struct, frozen=True):
    sent: int = 0
    verified: int = 0


class DailyCodeCounts(Protocol):
    """Counts the security codes sent on each day. A `scope` is a country, a network, or EVERYWHERE."""

    def add(self, day: date, scope: str, spent: CodeCounts) -> None:
        """Add `spent` to the counts of this day and scope. These counts stay locked until the transaction ends."""

    def increment_sent(self, day: date, scope: str) -> CodeCounts:
        """Count one more sent code, and return the new counts. These counts stay locked until the transaction ends."""

    def of_scope(self, day: date, scope: str) -> CodeCounts: ...

    def of_day(self, day: date) -> Mapping[str, CodeCounts]: ...


class SmsRoute(msgspec.Struct, frozen=True):
    country: str
    network: str


class SmsTurn(msgspec.Struct, frozen=True):
    places: SmsBudgetReservation
    at: datetime


class SharedSmsBudgets(Protocol):
    """The daily SMS budgets that all voters share. They limit SMS pumping (fraud with large numbers of SMS)."""

    def network_digest(self, network: str) -> str:
        """Return a keyed digest of a network.

        The counts of sent codes contain this digest instead of the network's address.
        """

    def reserve_in_budgets(
        self,
        transaction: "Transaction",
        route: SmsRoute,
        reservation: SmsBudgetReservation | None,
        now: datetime,
    ) -> SmsTurn:
        """Reserve one SMS in today's budgets, and return the reservation and the time at which the code may be sent."""

    def grow_budgets_after_verified_code(self, transaction: "Transaction", route: SmsRoute, now: datetime) -> None:
        """Increase today's SMS budgets for this route, because a voter has entered the right code."""

    def release_reservation(self, transaction: "Transaction", reservation: SmsBudgetReservation | None) -> None:
        """Release what was reserved in the SMS budgets for a code, because the code was not sent."""


class SmsDeliveryStatus(StrEnum):
    """The status of an SMS or a call in the operator's report. A call that was answered is DELIVERED."""

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
    """The SMS contained no code, or no case was waiting for a code from its sender."""


class SmsEventReceiver(Protocol):
    """Processes delivery reports and text messages from voters. They may arrive late, repeatedly and in any order."""

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: "Callable[[Transaction], object]"
    ) -> bool:
        """Process a delivery report and call `note` in the same transaction. Returns False if we did not send the SMS."""

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        """Process an SMS from a voter. `phone` is the voter's number in E.164 format. `text` is untrusted."""


class DeliveryReportRepository(Protocol):
    """Remembers the delivery reports and text messages that were received, so that each is processed only once."""

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool: ...

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        """Record an SMS from a voter. Returns True if it is new. `answer` is the digest of the id of the SMS."""

    def forget_answer(self, answer: bytes) -> None:
        """Forget an SMS that could not be processed. When the gateway sends it again, it counts as new."""
