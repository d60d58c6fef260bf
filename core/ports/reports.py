"""What gateways and operators tell afterwards."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.ports.sending import Postponed, Refused, Sent, Sms


class Delivery(StrEnum):
    """What an operator reports of an SMS. DELIVERED, UNDELIVERED and REJECTED are final."""

    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"


class Reply(StrEnum):
    """What became of an SMS that a voter sent."""

    ACCEPTED = "accepted"
    """It held the code that was awaited; the case has moved on."""
    WRONG = "wrong"
    """It held another; counted with those typed on the page."""
    REFUSED = "refused"
    """It cannot be taken: too many wrong ones, the calendar, a number that serves someone else."""
    UNREAD = "unread"
    """No code is awaited from that number, or the text holds none."""


class Hearing(Protocol):
    """What the operator says, and what voters answer by SMS. Both may come in any order, late, and more than once."""

    def delivered(self, message_id: str, delivery: Delivery) -> bool:
        """Notes a report about the SMS of that id; False where we sent none such."""

    def code_by_sms(self, phone: str, text: str) -> Reply:
        """Takes an answer from that number, in E.164. `text` may be anything."""


class Reports(Protocol):
    """What operators said of SMS, and which answers of voters were heard: each once, however often it comes."""

    def note(self, parcel: int, delivery: Delivery, at: datetime) -> bool:
        """Keeps a report about that parcel; True if it is the first of its kind."""

    def of_parcel(self, parcel: int) -> Mapping[Delivery, datetime]:
        """Each kind of report about that parcel, and when it first came."""

    def hear(self, answer: bytes, at: datetime) -> bool:
        """Keeps the digest of the gateway's id of an answer; True if it is new."""

    def forget(self, answer: bytes) -> None:
        """It is to be heard again: nobody could act on it."""


class Gateways(Protocol):
    """Hands SMS on: gateways, tried in order."""

    def reachable(self) -> bool:
        """Whether a gateway would take an SMS now."""

    def send(self, sms: Sms) -> Sent | Refused | Postponed:
        """One try over the gateways."""

    def close(self) -> None:
        """Lets the connections go."""
