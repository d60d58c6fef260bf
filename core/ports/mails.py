"""The ports that compose mails and send messages, and what became of a message that was sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from core.forms.flow_model import MailOrSmsText
from core.ports.outbox import ComposedMail, Sms
from core.text.text import Language

M_contra = TypeVar("M_contra", contravariant=True)


class MailToCompose(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is to be composed. `message_key`, a keyed digest unique to the mail, makes its Message-ID."""

    message: MailOrSmsText
    to: str
    facts: Mapping[str, object]
    language: Language
    link: str | None
    case: str
    message_key: bytes
    at: datetime
    stop_link: str | None = None


class MailRenderer(Protocol):
    """Composes a message as a mail with text and HTML parts."""

    def compose(self, mail: MailToCompose) -> ComposedMail:
        """Return the mail: the same bytes for the same input."""


class SendAccepted(msgspec.Struct, frozen=True):
    """A relay took the message."""

    relay: str


class SendRefused(msgspec.Struct, frozen=True):
    """A relay refused for good: no other is tried. `reason` is its reply, without addresses."""

    relay: str
    reason: str


class SendPostponed(msgspec.Struct, frozen=True):
    """No relay could take the message now. `answered` is true when one said so about this very message."""

    reason: str
    answered: bool = True


SendResult = SendAccepted | SendRefused | SendPostponed


class Transport(Protocol[M_contra]):
    """Sends messages through relays or gateways, tried in order. Each thread that sends has connections of its own."""

    def send(self, message: M_contra, /) -> SendResult:
        """Try each relay or gateway once, in order."""

    def reachable(self) -> bool:
        """Return whether a relay or gateway can be reached now; if so, this thread's connection is open afterwards."""

    def close(self) -> None:
        """Close the connections."""


MailTransport = Transport[ComposedMail]
SmsTransport = Transport[Sms]
