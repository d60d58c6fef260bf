from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from core.ports import Transaction


class CodeRequestOutcome(StrEnum):
    """Outcomes of a request for a code."""

    NOT_SENT = "not-sent"
    """No code was sent: the identity did not match, or the voter changed the number while it waited.

    Counts as a sending.
    """
    WITHDRAWN = "withdrawn"
    """The voter changed the number before the SMS was sent. The number counts, the sending does not."""
    SENT = "sent"
    """A code was sent, or will be sent at that time."""
    ANSWERED = "answered"
    """The voter entered the code, so they have the phone."""


class CodeSending(msgspec.Struct, frozen=True, kw_only=True):
    """One sending of a code. `phone` is the keyed digest of the number."""

    id: int
    phone: bytes
    at: datetime
    outcome: CodeRequestOutcome


class SmsBudgetReservation(msgspec.Struct, frozen=True):
    """A code's place in each budget of that day, by scope. Places start at 1."""

    day: date
    places: dict[str, int]


class CodeSendingRepository(Protocol):
    """The sendings of codes by voter. Exact while the caller holds the lock on the voter."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        """Return the sendings after that time, oldest first."""

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None: ...

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None: ...

    def forget(self, voter: int, until: datetime) -> None:
        """Delete the voter's sendings up to that time."""


EVERYWHERE: Final = "*"
NETWORK_MARK: Final = "@"
"""Separates the country and the network digest in the scope of a network."""


class CodeCounts(msgspec.Struct, frozen=True):
    """The number of codes sent on one day, and how many of them were entered."""

    sent: int = 0
    verified: int = 0


class DailyCodeCounts(Protocol):
    """Exact daily counts of codes sent. A `scope` is a country, a network, or `EVERYWHERE`."""

    def add(self, day: date, scope: str, spent: CodeCounts) -> None:
        """Add to that day's counts. Concurrent updates of the same counts wait for the end of this transaction."""

    def increment_sent(self, day: date, scope: str) -> CodeCounts:
        """Count one more code sent and return that day's counts. Locks like `add`."""

    def of_scope(self, day: date, scope: str) -> CodeCounts: ...

    def of_day(self, day: date) -> Mapping[str, CodeCounts]:
        """Return that day's counts by scope, except those of networks."""


class SmsRoute(msgspec.Struct, frozen=True):
    """The country that a code goes to (ISO 3166 region), and the keyed digest of the network that requested it."""

    country: str
    network: str


class SmsTurn(msgspec.Struct, frozen=True):
    """A code's reservation, and the time at which it is sent, now or later."""

    places: SmsBudgetReservation
    at: datetime


class SharedSmsBudgets(Protocol):
    """The SMS budgets shared by all voters, which limit SMS pumping. The counters are exact."""

    def network_digest(self, network: str) -> str:
        """Return the keyed digest used to count a network."""

    def reserve_in_budgets(
        self,
        transaction: "Transaction",
        route: SmsRoute,
        reservation: SmsBudgetReservation | None,
        now: datetime,
    ) -> SmsTurn:
        """Reserve a place in each budget that has none yet.

        Return when the code is sent. A reservation is valid for its day.
        """

    def grow_budgets_after_verified_code(self, transaction: "Transaction", route: SmsRoute, now: datetime) -> None:
        """Record that a code was entered, which shows that the number is genuine."""

    def release_reservation(self, transaction: "Transaction", reservation: SmsBudgetReservation | None) -> None:
        """Release the reservation of a code that was not sent."""


class SmsDeliveryStatus(StrEnum):
    """An operator's report on an SMS. DELIVERED, UNDELIVERED and REJECTED are final."""

    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"


class IncomingSmsOutcome(StrEnum):
    """The outcome of an SMS received from a voter."""

    ACCEPTED = "accepted"
    """The SMS held the expected code, and the case has advanced."""
    WRONG = "wrong"
    """The SMS held a wrong code. It counts like a wrong code typed on the page."""
    REFUSED = "refused"
    """The SMS was refused: too many wrong codes, outside the calendar, or a number claimed by another voter."""
    UNREAD = "unread"
    """No case awaits a code from that number, or the text contains no code."""


class SmsEventReceiver(Protocol):
    """Receives operators' reports and voters' answers. They may arrive late, repeatedly and in any order."""

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: "Callable[[Transaction], object]"
    ) -> bool:
        """Process a report about an SMS and call `note` in the same transaction.

        Return False if we did not send this SMS.
        """

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        """Process an answer from that number, in E.164. `text` is untrusted."""


class DeliveryReportRepository(Protocol):
    """The reports and answers received. Each is stored once."""

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool:
        """Store a report about that message. Return True if this is its first report with that status."""

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        """Store the digest of the gateway's id of an answer. Return True if it is new."""

    def forget_answer(self, answer: bytes) -> None:
        """Delete an answer that could not be processed, so it is accepted when the gateway repeats it."""
