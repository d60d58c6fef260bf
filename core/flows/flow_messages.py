"""Interfaces for a flow's outbox messages: mail templates and processors."""

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
    """The words, facts and links of a mail to the voter, or to the desk."""

    message: MailOrSmsText
    facts: Mapping[str, object] = field(default_factory=dict)
    link: str | None = None
    stop_link: str | None = None
    to_desk: bool = False
    language: Language | None = None
    """The language of the page that requested the mail, or None for the voter's language on the roll."""
    record: Callable[[Transaction], None] = lambda _transaction: None
    """Stores the mail's link in the transaction that composes the mail. May raise ConflictError."""


MailTemplate = Callable[[OutboxMessage, Voter, object], MailContent | None]
"""Returns the mail of an outbox message from its voter and the state of its case, or None if it no longer applies."""


class PlatformNotReadyError(Exception):
    """The voting platform cannot carry out an order now. The message is retried later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PreparedSms(NamedTuple):
    """An SMS to send, and its outbox message as stored."""

    message: OutboxMessage
    sms: Sms


class OutboxMessageProcessor(ABC):
    """Processes outbox messages that are not simply a mail."""

    @abstractmethod
    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Return the SMS to send, or None if there is none.

        `content` is the unsealed content of the message. Raises PlatformNotReadyError, MessageClaimLost.
        """

    def on_message_end(  # noqa: B027  # the end of most messages changes no case
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Update the message's case in the transaction that ends the message. Raises ConflictError."""
