from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from core.forms.flow_model import MailOrSmsText
from core.ports.outbox import ComposedMail, Sms
from core.text.text import Language

M_contra = TypeVar("M_contra", contravariant=True)


class MailToCompose(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a mail. `message_key` is a keyed digest unique to the mail, used for its Message-ID."""

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
    """Composes mails with text and HTML parts."""

    def compose(self, mail: MailToCompose) -> ComposedMail:
        """Return the composed mail. The same input gives the same bytes."""


class SendAccepted(msgspec.Struct, frozen=True):
    relay: str


class SendRefused(msgspec.Struct, frozen=True):
    """A relay rejected the message permanently, so no other relay is tried. `reason` is its reply without addresses."""

    relay: str
    reason: str


class SendPostponed(msgspec.Struct, frozen=True):
    """No relay could take the message now. `answered` is True if a relay rejected this very message temporarily."""

    reason: str
    answered: bool = True


SendResult = SendAccepted | SendRefused | SendPostponed


class Transport(Protocol[M_contra]):
    """Sends messages through relays or gateways, tried in order. Each sending thread has its own connections."""

    def send(self, message: M_contra, /) -> SendResult:
        """Try each relay or gateway once, in order."""

    def reachable(self) -> bool:
        """Return whether a relay or gateway can be reached. If so, this thread's connection stays open."""

    def close(self) -> None: ...


MailTransport = Transport[ComposedMail]
SmsTransport = Transport[Sms]
