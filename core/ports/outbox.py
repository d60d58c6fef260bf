"""The outbox: the messages to be sent, and what is sealed of them."""

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
    """A request for a link, whose address has not been looked up yet."""
    LINK = "link"
    REFUSAL = "refusal"
    """The answer to a frozen voter: no link, call the desk."""
    CHANGED = "changed"
    STOPPED = "stopped"
    """A notice to the desk that a voter has frozen their account."""
    FROZEN = "frozen"
    """A notice to the voter that the desk has frozen their account."""
    REOPENED = "reopened"
    """A notice to the voter that the desk has reopened their account."""

    CHECKPOINT = "checkpoint"
    """A checkpoint of the journal, to the electoral board."""
    QUEUED_CODE = "queued-code"
    """A security code that waits for its turn and is made then; nothing is sent for this message itself."""
    CODE = "code"
    """A security code, by SMS."""
    IDENTIFIER = "identifier"
    """A new identifier: put in force on the voting platform, then sent by SMS."""
    CONFIRMATION = "confirmation"
    """The mail whose link confirms the request of a new identifier."""
    REISSUED = "reissued"
    """The notice that a new identifier was requested."""
    UNDELIVERED = "undelivered"
    """The notice that a new identifier cannot have reached its voter."""
    CONTACT = "contact"
    """A request to the desk, whose address has not been looked up yet; nothing is sent for this message itself."""
    CONTACT_NOTED = "contact-noted"
    """The mail that acknowledges such a request."""
    CONTACT_ANSWER = "contact-answer"
    """The desk's answer in writing."""
    HOLD = "hold"
    """An order to the platform to freeze or free a voter's identifier; nothing is sent."""


SMS_KINDS = (MessageKind.QUEUED_CODE, MessageKind.CODE, MessageKind.IDENTIFIER)


def channel_of(kind: str) -> Channel | None:
    """Return the channel of a kind, or None if nothing is sent. A flow's own kind is a mail."""
    if kind in SMS_KINDS:
        return Channel.SMS
    return None if kind in {MessageKind.HOLD, MessageKind.CONTACT} else Channel.MAIL


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: a request to be decided, or a message ready to send.

    To claim it, a courier moves `due` into the future. If that courier dies, the message becomes due again by itself.

    `sealed` is None until the courier has composed the message and never changes afterwards, so that every try sends the same
    bytes. After `useful_until` the message is cancelled.
    """

    id: int
    kind: str
    """A MessageKind, or the name of a flow's own kind."""
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
    """A message that needs attention: parked for good, or waiting for long. `since` is when that began."""

    parcel: int
    kind: str
    """A MessageKind, or the name of a flow's own kind."""
    case: str
    voter: int | None
    since: datetime
    reason: str | None


class ComposedMail(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    """A composed mail. `sender` is the envelope address by which a bounce finds its case."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    """A composed SMS: `recipient` in E.164, `text` in GSM-7 and in one segment."""

    recipient: str
    text: str
    message_id: str
    """The same at every try; it names the kind, the case and the row (`core.security.tokens.sms_id`)."""
    useful_until: datetime
    """The time after which operators should abandon the SMS."""


class ReissueOrderWithSms(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """A new identifier that the platform does not have yet: the order to the platform, and the SMS that follows."""

    reissue: ReissueOrder
    sms: Sms


class SmsToPhoneOfCase(msgspec.Struct, frozen=True, kw_only=True, tag="to-case-number"):
    """An SMS without its recipient, which only the courier can read: the number of the case, if it is still that one."""

    sms: Sms
    number: bytes
    """The number's digest."""
    voter: int = 0
    """The voter whose code it is; former versions named none."""
    places: SmsBudgetReservation | None = None
    """The code's share of each budget; former versions kept none."""


class Outbox(Protocol):
    """The queue of messages; written in the transaction of the act."""

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
        """Add a message, due at once; return its id."""

    def find(self, message_id: int) -> OutboxMessage | None:
        """Return the message of that id, whether or not it has ended."""

    def claim(self, channel: Channel, *, now: datetime, lease: timedelta, limit: int) -> list[OutboxMessage]:
        """Claim due messages until `now + lease`: those to the board before others, then the oldest.

        Messages for which nothing is sent are claimed with the mails.
        """

    def store_composed(self, message: OutboxMessage, *, kind: str, sealed: bytes, voter: int | None) -> None:
        """Store the composed message of a row. Raises MessageClaimLost, as the two methods that follow."""

    def finish(self, message: OutboxMessage, state: MessageState, *, at: datetime, reason: str | None = None) -> None:
        """Set a final state; the sealed body is erased unless the message is parked."""

    def retry(self, message: OutboxMessage, *, due: datetime, reason: str, counted: bool) -> None:
        """Release a message until `due`; `counted` when a relay answered about this very message."""

    def oldest_request_delay(self, now: datetime) -> timedelta:
        """Return how long the oldest request has waited, the delay that everyone meets, known or not (rule 2)."""

    def counts(self) -> dict[MessageState, int]:
        """Count the messages in each state."""

    def backlog(self) -> Backlog:
        """Return the messages that have not ended, counted."""

    def parked(self, limit: int) -> list[StuckMessage]:
        """Return the messages that failed for good, the latest first."""

    def waiting_since(self, before: datetime, limit: int) -> list[StuckMessage]:
        """Return the messages put in before then that still wait, the oldest first."""
