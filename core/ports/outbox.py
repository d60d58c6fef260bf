from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from core.forms.flow_model import Channel
from core.ports.journal import Backlog
from core.ports.sms import SmsBudgetReservation
from core.ports.voting_platform import ReissueOrder
from core.text.text import Language


class MessageKind(StrEnum):
    ASK = "ask"
    """A visitor's request for a link. The courier will look up the voter's address."""
    LINK = "link"
    REFUSAL = "refusal"
    """An email that asks a voter with a frozen account to call the helpdesk."""
    CHANGED = "changed"
    STOPPED = "stopped"
    FROZEN = "frozen"
    REOPENED = "reopened"

    CHECKPOINT = "checkpoint"
    QUEUED_CODE = "queued-code"
    """A security code that must wait. The courier will generate it later."""
    CODE = "code"
    CALL = "call"
    """A phone call that reads a security code aloud."""
    IDENTIFIER = "identifier"
    """A new voting identifier. The courier activates it on the voting platform and sends it by SMS."""
    CONFIRMATION = "confirmation"
    REISSUED = "reissued"
    UNDELIVERED = "undelivered"
    CONTACT = "contact"
    """A voter's request to the helpdesk. The courier sends nothing."""
    CONTACT_NOTED = "contact-noted"
    CONTACT_ANSWER = "contact-answer"
    HOLD = "hold"
    """An order to the voting platform to freeze or unfreeze an account."""


FIRST_KINDS = (MessageKind.CHECKPOINT, MessageKind.HOLD, MessageKind.CONFIRMATION)
"""Message kinds that are sent before all others."""
SMS_KINDS = (MessageKind.QUEUED_CODE, MessageKind.CODE, MessageKind.CALL, MessageKind.IDENTIFIER)
"""Message kinds that are sent through an SMS gateway."""


def channel_of(kind: str) -> Channel | None:
    """Return the channel for a kind of message, or None if nothing is sent."""
    if kind in SMS_KINDS:
        return Channel.SMS
    return None if kind in {MessageKind.HOLD, MessageKind.CONTACT} else Channel.MAIL


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: a request to process or a message to send.

    A courier claims a row by moving `due` into the future. If the courier dies, the row becomes due again.
    """

    id: int
    kind: str
    case: str
    voter: int | None
    sealed: bytes | None
    created: datetime
    due: datetime
    useful_until: datetime
    """Time at which the message is cancelled if it has not been sent."""
    attempts: int = 0
    uid: str = ""


class MessageState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"
    CANCELLED = "cancelled"
    DROPPED = "dropped"


class StuckMessage(msgspec.Struct, frozen=True, kw_only=True):
    parcel: int
    kind: str
    case: str
    voter: int | None
    since: datetime
    """Time of failure, or of creation if the message is still waiting."""
    reason: str | None


class ComposedMail(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    sender: str
    """Envelope sender. It identifies the case if the email bounces."""
    recipient: str
    message_id: str
    content: bytes
    epoch: int | None = None
    """Voter's epoch if the email gives access to the account, otherwise None."""


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    recipient: str
    text: str
    """Text that fits into one SMS (GSM-7 alphabet)."""
    message_id: str
    """Id shared by all attempts to send this SMS."""
    useful_until: datetime
    """Time after which the mobile operator should not deliver the SMS."""
    call_language: Language | None = None
    """Language of the call, or None for an SMS."""


class ReissueOrderWithSms(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """An order for a new identifier, and the SMS to send if the order succeeds."""

    reissue: ReissueOrder
    sms: Sms


class SmsToPhoneOfCase(msgspec.Struct, frozen=True, kw_only=True, tag="to-case-number"):
    """An SMS to the phone number that belongs to a case."""

    sms: Sms
    number: bytes
    """Digest of the phone number. If the number has changed, the SMS is not sent."""
    voter: int = 0
    """The voter who receives the security code. 0 in messages from earlier versions."""
    places: SmsBudgetReservation | None = None
    """Budget reservation for this SMS. None in messages from earlier versions."""


class Outbox(Protocol):
    def put(
        self,
        *,
        kind: str,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> OutboxMessage: ...

    def find(self, message_id: int) -> OutboxMessage | None: ...

    def claim(self, channel: Channel, *, now: datetime, lease: timedelta, limit: int) -> list[OutboxMessage]:
        """Claim due messages for the duration of `lease`. `FIRST_KINDS` come first."""

    def store_composed(self, message: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None: ...

    def finish(self, message: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        """Set a message's final state. Erases its text unless the state is PARKED. Raises MessageClaimLost."""

    def retry(self, message: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        """Schedule another attempt at `due`. If `counted`, increments `attempts`. Raises MessageClaimLost."""

    def oldest_request_delay(self, now: datetime) -> timedelta:
        """Return how long the oldest pending link request has waited, or zero."""

    def overdue(self, now: datetime) -> timedelta:
        """Return the delay of the most overdue message, or zero."""

    def counts(self) -> dict[MessageState, int]: ...

    def backlog(self) -> Backlog: ...

    def parked(self, limit: int) -> list[StuckMessage]: ...

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]: ...
