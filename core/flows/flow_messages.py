"""Types for the messages that a flow puts into the outbox."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from core.forms.flow_model import MailOrSmsText
from core.ports import MessageState, OutboxMessage, Sms, Transaction, Voter
from core.security.outbox_sealing import Kept
from core.text.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """Content of an email to a voter or the helpdesk."""

    message: MailOrSmsText
    facts: Mapping[str, object] = field(default_factory=dict)
    link: str | None = None
    stop_link: str | None = None
    to_desk: bool = False
    language: Language | None = None
    """Language of the email. If None, the language of the voter's last page is used."""
    record: Callable[[Transaction], None] = lambda _transaction: None
    """Stores the email's link in the database when the email is composed. Raises ConflictError."""


def language_of_last_page(state: object) -> Language | None:
    """Return the language of the last page that the voter used, or None."""
    holders = (getattr(state, name, None) for name in ("asking", "number", "terms"))
    languages = (getattr(holder, "language", None) for holder in (state, *holders))
    return next((language for language in languages if isinstance(language, Language)), None)


MailTemplate = Callable[[OutboxMessage, Voter, object], MailContent | None]
"""A function that returns an email, or None to send nothing."""


class PlatformNotReadyError(Exception):
    """Raised if the voting platform cannot carry out an order now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PreparedSms(NamedTuple):
    message: OutboxMessage
    sms: Sms


class OutboxMessageProcessor(ABC):
    """Processes outbox messages other than emails, such as SMS and orders to the voting platform."""

    @abstractmethod
    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Return the SMS to send, or None. Raises PlatformNotReadyError, MessageClaimLost."""

    def on_message_end(  # noqa: B027  # the end of most messages changes no case
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Update the case after the last attempt to send its message. Writes in the caller's transaction.

        Raises ConflictError.
        """
