"""What waits to be sent, who writes it, and who carries it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from core.platform import Reissue
from core.steps import Channel, Message
from core.text import Language


class ParcelKind(StrEnum):
    """What a parcel is, or will be once the courier has decided."""

    ASK = "ask"
    """Someone asked for a link; nobody has looked the address up yet."""
    LINK = "link"
    REFUSAL = "refusal"
    """The frozen voter's answer: no link, call the desk."""
    CHANGED = "changed"
    STOPPED = "stopped"
    """To the desk: a voter has frozen their account."""
    FROZEN = "frozen"
    """To the voter: the desk has frozen their account, as a caller asked."""
    REOPENED = "reopened"
    """To the voter: the desk has opened their account again."""

    CHECKPOINT = "checkpoint"
    """To the electoral board: where the journal's chain stands."""
    CODE = "code"
    """A security code, by SMS."""
    IDENTIFIER = "identifier"
    """A new identifier: put in force on the voting platform, then sent by SMS."""
    REISSUED = "reissued"
    """The notice that a new identifier was asked for."""
    UNDELIVERED = "undelivered"
    """The notice that it cannot have reached its voter."""
    HOLD = "hold"
    """No message: the platform is to know whether the voter's account is frozen."""

    @property
    def channel(self) -> Channel | None:
        """What carries it; None where nothing is sent to anybody."""
        match self:
            case ParcelKind.CODE | ParcelKind.IDENTIFIER:
                return Channel.SMS
            case ParcelKind.HOLD:
                return None
            case _:
                return Channel.MAIL


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: an ask still to be decided, or a message ready to go. Once claimed, `due` marks the claim.

    `sealed` is None until the courier has decided and composed; from then on it never changes, so every try sends
    the same bytes. `useful_until` is when sending it would help nobody any more.
    """

    id: int
    kind: ParcelKind
    case: str
    voter: int | None
    sealed: bytes | None
    created: datetime
    due: datetime
    useful_until: datetime
    attempts: int = 0


class ParcelState(StrEnum):
    """Where a message stands. `SENT`, `CANCELLED`, `PARKED` and `DROPPED` are final."""

    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"
    CANCELLED = "cancelled"
    DROPPED = "dropped"


class Stranded(msgspec.Struct, frozen=True, kw_only=True):
    """A message that needs someone's eyes: parked for good, or waiting for long. `since` is when that began."""

    parcel: int
    kind: ParcelKind
    case: str
    voter: int | None
    since: datetime
    reason: str | None


class Backlog(msgspec.Struct, frozen=True):
    """How many parcels have not ended yet, and since when the oldest of them waits."""

    waiting: int
    oldest: datetime | None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    """A composed mail as a relay takes it. `sender` is the envelope address by which a bounce finds its case."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    """A composed SMS as a gateway takes it: `recipient` in E.164, `text` in GSM-7 and of one segment."""

    recipient: str
    text: str
    message_id: str
    """The same at every try. It says what the message is: see `core.tokens.sms_id`."""
    useful_until: datetime
    """What an operator has not handed over by then helps nobody, and is to be given up."""


class Order(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """A new identifier before the platform has it: what the platform is told, and the SMS that goes out then."""

    reissue: Reissue
    sms: Sms


class Outbox(Protocol):
    """What waits to be sent; written in the transaction of the act."""

    def put(
        self,
        *,
        kind: ParcelKind,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> int:
        """Adds a parcel, due at once; returns its id."""

    def post(
        self, *, kind: ParcelKind, case: str, at: datetime, useful_until: datetime, voter: int | None = None
    ) -> None:
        """The same, where nobody needs the id: a server need not be waited for."""

    def find(self, parcel: int) -> Parcel | None:
        """That parcel, ended or not."""

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        """The due parcels nobody holds, oldest first, now held until `now + lease`."""

    def seal(self, parcel: Parcel, *, kind: ParcelKind, sealed: bytes, voter: int | None) -> None:
        """Turns a decided parcel into its message. Raises ClaimLost, as the two that follow."""

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        """A final state; the sealed body is erased unless it is parked."""

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:
        """Lets go of a parcel until `due`; `counted` when a relay answered about this very message."""

    def delay(self, now: datetime) -> timedelta:
        """How long the oldest ask has waited to be decided: the delay everyone meets, known or not (rule 2)."""

    def counts(self) -> dict[ParcelState, int]:
        """How many parcels stand in each state."""

    def backlog(self) -> Backlog:
        """What has not ended yet."""

    def parked(self, limit: int) -> list[Stranded]:
        """What failed for good, the latest first."""

    def late(self, before: datetime, limit: int) -> list[Stranded]:
        """What was put in before then and still waits, the oldest first."""


class Composer(Protocol):
    """Writes a message as a mail: text and HTML."""

    def compose(
        self,
        message: Message,
        *,
        to: str,
        facts: Mapping[str, object],
        language: Language,
        link: str | None,
        case: str,
        message_key: bytes,
        at: datetime,
    ) -> Envelope:
        """The same bytes for the same input; `message_key` makes the Message-ID."""


class Sent(msgspec.Struct, frozen=True):
    """A relay took the message."""

    relay: str


class Refused(msgspec.Struct, frozen=True):
    """A relay refused for good: no other is tried. `reason` is its reply, without addresses."""

    relay: str
    reason: str


class Postponed(msgspec.Struct, frozen=True):
    """No relay could take it now. `answered` when one said so about this message, not when none could be reached."""

    reason: str
    answered: bool = True


class Carrier(Protocol):
    """Hands mails on: SMTP relays, tried in order."""

    def reachable(self) -> bool:
        """Whether a relay would take a message now."""

    def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
        """One try over the relays."""

    def close(self) -> None:
        """Lets the connections go."""
