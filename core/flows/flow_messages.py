"""The outbox messages of a flow: the mail to write, or the work to do instead."""

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
    """The language of the page that asked for it; None for the voter's on the roll."""
    record: Callable[[Transaction], None] = lambda _transaction: None
    """Writes what makes the mail's link work, in the transaction that decides on the mail. May raise ConflictError."""


MailTemplate = Callable[[OutboxMessage, Voter, object], MailContent | None]
"""Writes the mail of an outbox message from its voter and the state of its case; None when it is no longer true."""


class PlatformNotReadyError(Exception):
    """The voting platform does not answer as it should: the message waits."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PreparedSms(NamedTuple):
    """An SMS to send, and its outbox message as it is stored now."""

    message: OutboxMessage
    sms: Sms


class OutboxMessageProcessor(ABC):
    """Handles the outbox messages of a kind that is more than one mail to write."""

    @abstractmethod
    def prepare(self, message: OutboxMessage, content: Kept | None) -> PreparedSms | None:
        """Prepare the sending. Returns None if nothing is sent.

        `content` is what the message holds sealed. Raises PlatformNotReadyError, MessageClaimLost.
        """

    def on_message_end(  # noqa: B027  # the end of most messages changes no case
        self, transaction: Transaction, message: OutboxMessage, state: MessageState, now: datetime
    ) -> None:
        """Write the effect of the message's end on its case, in the transaction that ends it. Raises ConflictError."""
