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
    """A voter's request for a link. The courier looks up the voter's address later."""
    LINK = "link"
    REFUSAL = "refusal"
    """An email to a voter with a frozen account. It contains no link, and advises the voter to call the helpdesk."""
    CHANGED = "changed"
    STOPPED = "stopped"
    FROZEN = "frozen"
    REOPENED = "reopened"

    CHECKPOINT = "checkpoint"
    QUEUED_CODE = "queued-code"
    """A request for a security code that must wait. The courier generates the code later."""
    CODE = "code"
    CALL = "call"
    """A telephone call that reads the security code aloud. It goes to the number that got the SMS."""
    IDENTIFIER = "identifier"
    """A new voting identifier. The courier activates it on the voting platform, then sends it by SMS."""
    CONFIRMATION = "confirmation"
    REISSUED = "reissued"
    UNDELIVERED = "undelivered"
    CONTACT = "contact"
    """A person's request to the helpdesk. The courier looks up the person's address, but sends nothing."""
    CONTACT_NOTED = "contact-noted"
    CONTACT_ANSWER = "contact-answer"
    HOLD = "hold"
    """An order to the voting platform to freeze or unfreeze a voter's identifier. The voter gets no message."""


FIRST_KINDS = (MessageKind.CHECKPOINT, MessageKind.HOLD, MessageKind.CONFIRMATION)
"""Messages of these kinds never wait behind older emails."""
SMS_KINDS = (MessageKind.QUEUED_CODE, MessageKind.CODE, MessageKind.CALL, MessageKind.IDENTIFIER)
"""Messages of these kinds are sent by an SMS gateway, which may also make calls."""


def channel_of(kind: str) -> Channel | None:
    """Return how messages of this kind are sent, or None if they are not sent. Kinds defined by a flow are emails."""
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
    """The time after which an unsent message is cancelled."""
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
    """The time at which the message failed. If it is still waiting, the time at which it was created."""
    reason: str | None


class ComposedMail(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    sender: str
    """The envelope sender. If the email bounces, this address shows which case it belongs to."""
    recipient: str
    message_id: str
    content: bytes
    epoch: int | None = None
    """The epoch of the voter's account if the email has a link that gives access to it, otherwise None."""


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    recipient: str
    text: str
    """The text. It fits into one SMS in the GSM-7 alphabet."""
    message_id: str
    """The id of the SMS, made by `core.security.tokens.sms_id`. All attempts to send the SMS use the same id."""
    useful_until: datetime
    """The time after which the mobile operator should stop trying to deliver the SMS."""
    call_language: Language | None = None
    """The language in which a call reads the text aloud. None if this is an SMS."""


class ReissueOrderWithSms(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """An order to the voting platform for a new identifier, and the SMS to send after the order is carried out."""

    reissue: ReissueOrder
    sms: Sms


class SmsToPhoneOfCase(msgspec.Struct, frozen=True, kw_only=True, tag="to-case-number"):
    """An SMS to the phone number that is stored in a case. Only the courier can decrypt the phone number."""

    sms: Sms
    number: bytes
    """The digest of the phone number. The SMS is sent only if the case still has this number."""
    voter: int = 0
    """The voter for whom the security code was made, or 0 in messages of earlier versions."""
    places: SmsBudgetReservation | None = None
    """The slots in the SMS budgets that are reserved for the code, or None in messages of earlier versions."""


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
        """Claim messages that are due, and hold them until `now + lease`.

        Kinds in `FIRST_KINDS` come first, then the oldest messages.
        """

    def store_composed(self, message: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None: ...

    def finish(self, message: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        """Set the final state of a message. Erases its text unless the state is PARKED. Raises MessageClaimLost."""

    def retry(self, message: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        """Release a message, so that it is sent again at `due`. Raises MessageClaimLost.

        `counted` is True if this attempt counts, because a relay or gateway has answered.
        """

    def oldest_request_delay(self, now: datetime) -> timedelta:
        """Return the age of the oldest request for a link that is still waiting."""

    def overdue(self, now: datetime) -> timedelta:
        """Return how long the oldest due message has been waiting for a courier."""

    def counts(self) -> dict[MessageState, int]: ...

    def backlog(self) -> Backlog: ...

    def parked(self, limit: int) -> list[StuckMessage]: ...

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]: ...
