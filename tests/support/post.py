"""A fake mail relay that stores each mail and gives the answer that the test has set."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property

import pytest

from core.delivery.mail_writer import MailWriter
from core.flows.flow_messages import MailContent
from core.ports import ComposedMail, OutboxMessage, SendAccepted, SendPostponed, SendRefused, Voter
from core.text.urls import CONFIRM_PATH, LINK_PATH, STOP_PATH

ACCEPTS = SendAccepted("relay.example")
REFUSES = SendRefused("relay.example", "550 5.1.1 no such user")
POSTPONES = SendPostponed("451 4.7.1 greylisted")
UNREACHABLE = SendPostponed("no relay could be reached", answered=False)
TOKEN = r"([A-Za-z0-9_-]+)"


@dataclass(frozen=True)
class ParsedMail:
    """A mail that a relay has received, and functions to parse it."""

    envelope: ComposedMail

    @cached_property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.envelope.content, policy=default)  # type: ignore[return-value]  # the policy's

    def part(self, kind: str) -> str:
        """Return the text of one part of the mail: "plain" or "html"."""
        body = self.parsed.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @cached_property
    def _plain(self) -> str:
        """Text of the part "plain". This is four times as fast as `part`, because it does not parse headers."""
        parts = message_from_bytes(self.envelope.content).walk()
        plain = next(part for part in parts if part.get_content_type() == "text/plain")
        return str(plain.get_payload(decode=True), "utf-8")

    @cached_property
    def link(self) -> str | None:
        """Token of the recovery link in the mail, if any."""
        return self._token(LINK_PATH)

    @cached_property
    def confirmation(self) -> str | None:
        """Token of the confirmation link in the mail, if any."""
        return self._token(CONFIRM_PATH)

    @cached_property
    def stop(self) -> str | None:
        """Token of the link "ce n'était pas moi" in the mail, if any."""
        return self._token(STOP_PATH)

    def _token(self, path: str) -> str | None:
        found = re.search(re.escape(path) + TOKEN, self._plain)
        return None if found is None else found[1]


@dataclass
class Post:
    """Implements the port Carrier for tests. `says` is the answer to every mail."""

    says: SendAccepted | SendRefused | SendPostponed = ACCEPTS
    tried: list[ParsedMail] = field(default_factory=list)
    taken: list[ParsedMail] = field(default_factory=list)
    closed: bool = False

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        mail = ParsedMail(envelope)
        self.tried.append(mail)
        if isinstance(self.says, SendAccepted):
            self.taken.append(mail)
        return self.says

    def reachable(self) -> bool:
        """Return whether the relay answers at all."""
        return not isinstance(self.says, SendPostponed) or self.says.answered

    def close(self) -> None:
        self.closed = True

    def to(self, address: str) -> list[ParsedMail]:
        return [mail for mail in self.taken if mail.envelope.recipient == address]

    def links(self, address: str) -> list[str]:
        return [mail.link for mail in self.to(address) if mail.link is not None]

    def confirmations(self, address: str) -> list[str]:
        """Return the tokens of the confirmation links that were sent to an address, oldest first."""
        return [mail.confirmation for mail in self.to(address) if mail.confirmation is not None]


class Fickle(Post):
    """A relay that is always reachable, even while it refuses every mail."""

    def reachable(self) -> bool:
        return True


def poison_first_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the composition of the first message fail."""
    compose = MailWriter.compose

    def poisoned(writer: MailWriter, mail: MailContent, message: OutboxMessage, voter: Voter | None) -> ComposedMail:
        if message.id == 1:
            raise ZeroDivisionError
        return compose(writer, mail, message, voter)

    monkeypatch.setattr(MailWriter, "compose", poisoned)
