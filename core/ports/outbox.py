from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from core.forms.flow_model import Channel
from core.ports.journal import Backlog
from core.ports.sms import SmsBudgetReservation
from core.ports.voting_platform import ReissueOrder


class MessageKind(StrEnum):
    """The kind of an outbox message."""

    ASK = "ask"
    """A request for a link. The courier looks up its address later."""
    LINK = "link"
    REFUSAL = "refusal"
    """The answer to a frozen voter: no link, and the advice to call the desk."""
    CHANGED = "changed"
    STOPPED = "stopped"
    """Tells the desk that a voter has frozen their account."""
    FROZEN = "frozen"
    """Tells the voter that the desk has frozen their account."""
    REOPENED = "reopened"
    """Tells the voter that the desk has reopened their account."""

    CHECKPOINT = "checkpoint"
    """A checkpoint of the journal for the electoral board."""
    QUEUED_CODE = "queued-code"
    """A security code that must wait. The courier generates it later and sends it as another message."""
    CODE = "code"
    IDENTIFIER = "identifier"
    """A new identifier. The courier puts it in force on the voting platform, then sends it by SMS."""
    CONFIRMATION = "confirmation"
    """The mail with the link that confirms the request for a new identifier."""
    REISSUED = "reissued"
    """Tells the voter that a new identifier was requested."""
    UNDELIVERED = "undelivered"
    """Tells the voter that the new identifier cannot have reached them."""
    CONTACT = "contact"
    """A contact request to the desk. The courier looks up its address and sends nothing for this message itself."""
    CONTACT_NOTED = "contact-noted"
    """The mail that acknowledges a contact request."""
    CONTACT_ANSWER = "contact-answer"
    """The desk's written answer."""
    HOLD = "hold"
    """An order to the platform to freeze or unfreeze a voter's identifier. Nothing is sent to the voter."""


SMS_KINDS = (MessageKind.QUEUED_CODE, MessageKind.CODE, MessageKind.IDENTIFIER)


def channel_of(kind: str) -> Channel | None:
    """Return the channel of a kind, or None if nothing is sent. Kinds defined by a flow are mails."""
    if kind in SMS_KINDS:
        return Channel.SMS
    return None if kind in {MessageKind.HOLD, MessageKind.CONTACT} else Channel.MAIL


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: a request to be processed, or a message ready to send.

    To claim a message, a courier moves `due` into the future. If that courier dies, the message becomes due again by
    itself. `sealed` is None until the courier has composed the message. It never changes afterwards, so every attempt
    sends the same bytes. After `useful_until` the message is cancelled.
    """

    id: int
    kind: str
    """A MessageKind, or the name of a kind defined by a flow."""
    case: str
    voter: int | None
    sealed: bytes | None
    created: datetime
    due: datetime
    useful_until: datetime
    attempts: int = 0


class MessageState(StrEnum):
    """The state of an outbox message. `SENT`, `CANCELLED`, `PARKED` and `DROPPED` are final."""

    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"
    CANCELLED = "cancelled"
    DROPPED = "dropped"


class StuckMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that needs attention: parked, or waiting for a long time. `since` is when that began."""

    parcel: int
    kind: str
    """A MessageKind, or the name of a kind defined by a flow."""
    case: str
    voter: int | None
    since: datetime
    reason: str | None


class ComposedMail(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    """A composed mail. `sender` is the envelope address, which identifies the case of a bounce."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    """A composed SMS. `recipient` is in E.164; `text` is one GSM-7 segment."""

    recipient: str
    text: str
    message_id: str
    """The same at every attempt. Built from the kind, the case and the row (`core.security.tokens.sms_id`)."""
    useful_until: datetime
    """Operators should give up on the SMS after this time."""


class ReissueOrderWithSms(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """The order to the platform for a new identifier, and the SMS to send afterwards."""

    reissue: ReissueOrder
    sms: Sms


class SmsToPhoneOfCase(msgspec.Struct, frozen=True, kw_only=True, tag="to-case-number"):
    """An SMS to the phone number of the case, which only the courier can read. `number` must still be its digest."""

    sms: Sms
    number: bytes
    """Digest of the phone number."""
    voter: int = 0
    """The voter for whom the code was made. Former versions did not store it."""
    places: SmsBudgetReservation | None = None
    """The code's place in each budget. Former versions did not store it."""


class Outbox(Protocol):
    """The queue of messages. Messages are added in the transaction of the act that causes them."""

    def put(
        self,
        *,
        kind: str,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> int:
        """Add a message, due immediately. Return its id."""

    def find(self, message_id: int) -> OutboxMessage | None: ...

    def claim(self, channel: Channel, *, now: datetime, lease: timedelta, limit: int) -> list[OutboxMessage]:
        """Claim due messages until `now + lease`: messages to the board first, then the oldest.

        Kinds without a channel are claimed with the mails.
        """

    def store_composed(self, message: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None:
        """Store the composed message. Raises MessageClaimLost, like `finish` and `retry`."""

    def finish(self, message: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        """Set a final state. Erases the sealed body unless the message is parked."""

    def retry(self, message: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        """Release a message until `due`. Set `counted` if a relay answered about this very message."""

    def oldest_request_delay(self, now: datetime) -> timedelta:
        """Return the age of the oldest waiting link request, the delay shown to everyone (rule 2)."""

    def counts(self) -> dict[MessageState, int]:
        """Count the messages by state."""

    def backlog(self) -> Backlog:
        """Count the messages that have not ended."""

    def parked(self, limit: int) -> list[StuckMessage]:
        """Return the permanently failed messages, latest first."""

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]:
        """Return the messages created before `before` that still wait, oldest first."""
