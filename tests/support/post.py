"""A relay without a network, which keeps each message and gives the answer that the test sets."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property

from core.ports import ComposedMail, SendAccepted, SendPostponed, SendRefused
from core.text.urls import CONFIRM_PATH, LINK_PATH, STOP_PATH

ACCEPTS = SendAccepted("relay.example")
REFUSES = SendRefused("relay.example", "550 5.1.1 no such user")
POSTPONES = SendPostponed("451 4.7.1 greylisted")
UNREACHABLE = SendPostponed("no relay could be reached", answered=False)
TOKEN = r"([A-Za-z0-9_-]+)"


@dataclass(frozen=True)
class ParsedMail:
    """A message as its reader opens it."""

    envelope: ComposedMail

    @cached_property
    def parsed(self) -> EmailMessage:
        """Return the parsed message."""
        return message_from_bytes(self.envelope.content, policy=default)  # type: ignore[return-value]  # the policy's

    def part(self, kind: str) -> str:
        """Return the text of one part: "plain" or "html"."""
        body = self.parsed.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @cached_property
    def _plain(self) -> str:
        """Return `part("plain")` without parsing headers, four times as fast."""
        parts = message_from_bytes(self.envelope.content).walk()
        plain = next(part for part in parts if part.get_content_type() == "text/plain")
        return str(plain.get_payload(decode=True), "utf-8")

    @cached_property
    def link(self) -> str | None:
        """Return the token of its recovery link."""
        return self._token(LINK_PATH)

    @cached_property
    def confirmation(self) -> str | None:
        """Return the token of its link that confirms a request."""
        return self._token(CONFIRM_PATH)

    @cached_property
    def stop(self) -> str | None:
        """Return the token of its link "ce n'était pas moi"."""
        return self._token(STOP_PATH)

    def _token(self, path: str) -> str | None:
        found = re.search(re.escape(path) + TOKEN, self._plain)
        return None if found is None else found[1]


@dataclass
class Post:
    """The port Carrier; `says` is its answer to every message."""

    says: SendAccepted | SendRefused | SendPostponed = ACCEPTS
    tried: list[ParsedMail] = field(default_factory=list)
    taken: list[ParsedMail] = field(default_factory=list)
    closed: bool = False

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        """Keep the message and answer."""
        mail = ParsedMail(envelope)
        self.tried.append(mail)
        if isinstance(self.says, SendAccepted):
            self.taken.append(mail)
        return self.says

    def reachable(self) -> bool:
        """Tell whether it answers at all, which it does not while `says` is a general refusal."""
        return not isinstance(self.says, SendPostponed) or self.says.answered

    def close(self) -> None:
        """Close nothing."""
        self.closed = True

    def to(self, address: str) -> list[ParsedMail]:
        """Return the mails sent to that address."""
        return [mail for mail in self.taken if mail.envelope.recipient == address]

    def links(self, address: str) -> list[str]:
        """Return the recovery links sent to that address, oldest first."""
        return [mail.link for mail in self.to(address) if mail.link is not None]

    def confirmations(self, address: str) -> list[str]:
        """Return the links to confirm sent to that address, oldest first."""
        return [mail.confirmation for mail in self.to(address) if mail.confirmation is not None]


class Fickle(Post):
    """A relay that greets and then may accept nothing."""

    def reachable(self) -> bool:
        """Tell that it can be reached."""
        return True
