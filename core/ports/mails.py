from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from core.forms.flow_model import MailOrSmsText
from core.ports.outbox import ComposedMail, Sms
from core.text.text import Language

M_contra = TypeVar("M_contra", contravariant=True)


class MailToCompose(msgspec.Struct, frozen=True, kw_only=True):
    message: MailOrSmsText
    to: str
    facts: Mapping[str, object]
    language: Language
    link: str | None
    case: str
    message_key: bytes
    """Unique digest from which the email's Message-ID is made."""
    at: datetime
    stop_link: str | None = None


class MailRenderer(Protocol):
    def compose(self, mail: MailToCompose) -> ComposedMail: ...


class SendAccepted(msgspec.Struct, frozen=True):
    relay: str


class SendRefused(msgspec.Struct, frozen=True):
    """A relay or gateway has permanently rejected the message."""

    relay: str
    reason: str


class SendPostponed(msgspec.Struct, frozen=True):
    """No relay or gateway could accept the message now. The caller must try again."""

    reason: str
    answered: bool = True
    """True if a relay temporarily rejected this message. False if no relay could be reached."""


SendResult = SendAccepted | SendRefused | SendPostponed


class Transport(Protocol[M_contra]):
    """Sends messages through mail relays or SMS gateways."""

    def send(self, message: M_contra, /) -> SendResult:
        """Try the relays or gateways in order until one accepts or rejects the message."""

    def reachable(self) -> bool:
        """Return whether a relay or gateway can be reached."""

    def close(self) -> None: ...


MailTransport = Transport[ComposedMail]
SmsTransport = Transport[Sms]
