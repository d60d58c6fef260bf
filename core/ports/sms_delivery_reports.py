"""The reports of SMS gateways and operators."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.ports.store import Transaction


class SmsDeliveryStatus(StrEnum):
    """An operator's report on an SMS. DELIVERED, UNDELIVERED and REJECTED are final."""

    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"


class VoterSmsOutcome(StrEnum):
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

    def receive_sms_answer(self, phone: str, text: str) -> VoterSmsOutcome:
        """Take an answer from that number, in E.164. `text` may be anything."""


class DeliveryReportRepository(Protocol):
    """The reports and answers received, each kept once however often it comes."""

    def record_report(self, message_id: int, delivery: SmsDeliveryStatus, at: datetime) -> bool:
        """Store a report about that message; return True if it is the first of its kind."""

    def record_answer(self, answer: bytes, at: datetime) -> bool:
        """Store the digest of the gateway's id of an answer; return True if it is new."""

    def forget_answer(self, answer: bytes) -> None:
        """Forget an answer that could not be acted on, so that it is taken when it comes again."""
