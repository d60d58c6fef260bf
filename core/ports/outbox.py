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
    """An email that asks a voter with a frozen account to call the helpdesk. It contains no link."""
    CHANGED = "changed"
    STOPPED = "stopped"
    FROZEN = "frozen"
    REOPENED = "reopened"

    CHECKPOINT = "checkpoint"
    QUEUED_CODE = "queued-code"
    """A security code that must wait. The courier will generate it later."""
    CODE = "code"
    CALL = "call"
    """A phone call that reads a security code aloud. It goes to the same phone number as the SMS with the code."""
    IDENTIFIER = "identifier"
    """A new voting identifier. The courier activates it on the voting platform, and then sends it by SMS."""
    CONFIRMATION = "confirmation"
    REISSUED = "reissued"
    UNDELIVERED = "undelivered"
    CONTACT = "contact"
    """A request to the helpdesk. The courier looks up the voter's address, but sends nothing."""
    CONTACT_NOTED = "contact-noted"
    CONTACT_ANSWER = "contact-answer"
    HOLD = "hold"
    """An order to the voting platform to freeze or unfreeze a voter's account. The voter gets no message."""


FIRST_KINDS = (MessageKind.CHECKPOINT, MessageKind.HOLD, MessageKind.CONFIRMATION)
"""Kinds of messages that are sent before all others, even before older ones."""
SMS_KINDS = (MessageKind.QUEUED_CODE, MessageKind.CODE, MessageKind.CALL, MessageKind.IDENTIFIER)
"""Kinds of messages that are sent through an SMS gateway, as an SMS or as a call."""


def channel_of(kind: str) -> Channel | None:
    """Return how messages of this kind are sent, or None if they are not sent. Kinds that a flow defines are emails."""
    if kind in SMS_KINDS:
        return Channel.SMS
    return None if kind in {MessageKind.HOLD, MessageKind.CONTACT} else Channel.MAIL


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: a request that the courier must process, or a message that is ready to send.

    To claim a message, a courier moves its `due` time into the future. If that courier dies, the message becomes due
    again by itself.
    """

    id: int
    kind: str
    case: str
    voter: int | None
    sealed: bytes | None
    created: datetime
    due: datetime
    useful_until: datetime
    """If the message is still unsent at this time, it is cancelled."""
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
    """The time at which the message failed. If the message is still waiting, the time at which it was created."""
    reason: str | None


class ComposedMail(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    sender: str
    """The envelope sender.

    This address identifies the case, so that the program can find the case if the email bounces.
    """
    recipient: str
    message_id: str
    content: bytes
    epoch: int | None = None
    """The epoch of the voter's account if the email contains a link that gives access to the account. Otherwise None.
    """


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    recipient: str
    text: str
    """The text of the SMS. It fits into one SMS in the GSM-7 alphabet."""
    message_id: str
    """The id of the SMS, which is the same for all attempts to send it."""
    useful_until: datetime
    """The time at which the mobile operator should stop trying to deliver the SMS."""
    call_language: Language | None = None
    """The language in which a call reads the text aloud. None for an SMS."""


class ReissueOrderWithSms(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """An order to the voting platform for a new identifier, and the SMS to send after the order was carried out."""

    reissue: ReissueOrder
    sms: Sms


class SmsToPhoneOfCase(msgspec.Struct, frozen=True, kw_only=True, tag="to-case-number"):
    """An SMS to the phone number of a case. Only the courier can decrypt the phone number."""

    sms: Sms
    number: bytes
    """The digest of the phone number. If the case now has another number, the SMS is not sent."""
    voter: int = 0
    """The voter who gets the security code, or 0 in messages from earlier versions."""
    places: SmsBudgetReservation | None = None
    """What is reserved in the SMS budgets for the security code. None in messages from earlier versions."""


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
        """Claim messages that are due. The claim lasts until `now + lease`.

        Kinds in `FIRST_KINDS` come first, then the oldest messages.
        """

    def store_composed(self, message: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None: ...

    def finish(self, message: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        """Set the final state of a message. Erases its text unless the state is PARKED. Raises MessageClaimLost."""

    def retry(self, message: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        """Schedule another attempt to send the message at `due`. Raises MessageClaimLost.

        If `counted` is True, this attempt counts, because a relay or gateway has answered.
        """

    def oldest_request_delay(self, now: datetime) -> timedelta:
        """Return the waiting time of the oldest link request that is still waiting. Returns zero if none is waiting."""

    def overdue(self, now: datetime) -> timedelta:
        """Return how long ago the oldest waiting message became due. Returns zero if no message is due."""

    def counts(self) -> dict[MessageState, int]: ...

    def backlog(self) -> Backlog: ...

    def parked(self, limit: int) -> list[StuckMessage]: ...

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]: ...
