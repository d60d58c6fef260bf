"""Codes sent by SMS: the sendings of each voter, the budgets that all share, and what gateways and operators report."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from core.ports import Transaction


class CodeRequestOutcome(StrEnum):
    """Results of a submission that asks for a code."""

    NOT_SENT = "not-sent"
    """No code left: the identity did not match, or the voter changed the number while it waited. It counts all the same."""
    WITHDRAWN = "withdrawn"
    """The voter changed the number before the SMS left: its number counts, the sending does not."""
    SENT = "sent"
    """A code left, or leaves at that time."""
    ANSWERED = "answered"
    """The code came back: the telephone is at hand."""


class CodeSending(msgspec.Struct, frozen=True, kw_only=True):
    """One sending of a code, by the keyed digest of the number."""

    id: int
    phone: bytes
    at: datetime
    outcome: CodeRequestOutcome


class SmsBudgetReservation(msgspec.Struct, frozen=True):
    """The reservation of one code: its place in each of that day's budgets, by scope; the first is 1."""

    day: date
    places: dict[str, int]


class CodeSendingRepository(Protocol):
    """The sendings of codes by voter. They are exact for whoever has locked the voter."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        """Return the sendings after that time, oldest first."""

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None:
        """Add a sending."""

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None:
        """Change the time and the outcome of a sending."""

    def forget(self, voter: int, until: datetime) -> None:
        """Delete the voter's sendings up to that time."""


EVERYWHERE: Final = "*"
NETWORK_MARK: Final = "@"
"""Separator of the country and the network's digest in the scope of a network."""


class CodeCounts(msgspec.Struct, frozen=True):
    """The number of codes sent on one day, and the number of them that were entered."""

    sent: int = 0
    verified: int = 0


class DailyCodeCounts(Protocol):
    """Counts of codes sent, exact under any number of workers. A `scope` is a country, a network, or `EVERYWHERE`."""

    def add(self, day: date, scope: str, spent: CodeCounts) -> None:
        """Add to that day's counts. Others who add to the same wait for the end of this transaction."""

    def increment_sent(self, day: date, scope: str) -> CodeCounts:
        """Count one more sent and return that day's counts. Others who count the same wait, as in `add`."""

    def of_scope(self, day: date, scope: str) -> CodeCounts:
        """Return that day's counts of one scope."""

    def of_day(self, day: date) -> Mapping[str, CodeCounts]:
        """Return that day's counts by scope, without those of networks."""


class SmsRoute(msgspec.Struct, frozen=True):
    """The country a code goes to, by its ISO 3166 region, and the keyed digest of the network that asked for it."""

    country: str
    network: str


class SmsTurn(msgspec.Struct, frozen=True):
    """The reservation of a code, and when it is sent: now, or the expected time."""

    places: SmsBudgetReservation
    at: datetime


class SharedSmsBudgets(Protocol):
    """The budgets of codes by SMS that all voters share (SMS pumping), as exact counters."""

    def network_digest(self, network: str) -> str:
        """Return the keyed digest by which a network is counted."""

    def reserve_in_budgets(
        self,
        transaction: "Transaction",
        route: SmsRoute,
        reservation: SmsBudgetReservation | None,
        now: datetime,
    ) -> SmsTurn:
        """Reserve a code's place in each budget where it has none, and return when it is sent. A place is kept for its day."""

    def grow_budgets_after_verified_code(self, transaction: "Transaction", route: SmsRoute, now: datetime) -> None:
        """Record that a code was entered, so that the number is genuine."""

    def release_reservation(self, transaction: "Transaction", reservation: SmsBudgetReservation | None) -> None:
        """Release the reservation of a code that never left."""


class SmsDeliveryStatus(StrEnum):
    """An operator's report on an SMS. DELIVERED, UNDELIVERED and REJECTED are final."""

    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"


class IncomingSmsOutcome(StrEnum):
    """The result of an SMS that a voter sent."""

    ACCEPTED = "accepted"
    """The SMS held the awaited code, and the case has moved on."""
    WRONG = "wrong"
    """The SMS held a wrong code, which is counted with those typed on the page."""
    REFUSED = "refused"
    """The SMS was refused: too many wrong codes, the calendar, or a number that serves another voter."""
    UNREAD = "unread"
    """No code is awaited from that number, or the text holds none."""


class SmsEventReceiver(Protocol):
    """Takes operators' reports and voters' answers, which may come in any order, late, and more than once."""

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: "Callable[[Transaction], object]"
    ) -> bool:
        """Act on a report about the SMS of that id and note it in the same transaction; return False where we sent no such SMS."""

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        """Take an answer from that number, in E.164. `text` may be anything."""


class DeliveryReportRepository(Protocol):
    """The reports and answers received, each kept once however often it comes."""

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool:
        """Store a report about that message; return True if it is the first of its kind."""

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        """Store the digest of the gateway's id of an answer; return True if it is new."""

    def forget_answer(self, answer: bytes) -> None:
        """Forget an answer that could not be acted on, so that it is taken when it comes again."""
