"""A relay without a network: keeps what it is handed, and says what the test wants it to say."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property

from core.places import LINK_PATH, STOP_PATH
from core.ports import Envelope, Postponed, Refused, Sent

ACCEPTS = Sent("relay.example")
REFUSES = Refused("relay.example", "550 5.1.1 no such user")
POSTPONES = Postponed("451 4.7.1 greylisted")
UNREACHABLE = Postponed("no relay could be reached", answered=False)
TOKEN = r"([A-Za-z0-9_-]+)"


@dataclass(frozen=True)
class Mail:
    """A message as its reader opens it."""

    envelope: Envelope

    @cached_property
    def parsed(self) -> EmailMessage:
        """Its headers and parts."""
        return message_from_bytes(self.envelope.content, policy=default)  # type: ignore[return-value]  # the policy's

    def part(self, kind: str) -> str:
        """The words of one part: "plain" or "html"."""
        body = self.parsed.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @cached_property
    def _plain(self) -> str:
        """What `part("plain")` says, for a quarter of the work: most tests look for a link and read no header."""
        parts = message_from_bytes(self.envelope.content).walk()
        plain = next(part for part in parts if part.get_content_type() == "text/plain")
        return str(plain.get_payload(decode=True), "utf-8")

    @cached_property
    def link(self) -> str | None:
        """The token of its recovery link."""
        return self._token(LINK_PATH)

    @cached_property
    def stop(self) -> str | None:
        """The token of its "ce n'était pas moi"."""
        return self._token(STOP_PATH)

    def _token(self, path: str) -> str | None:
        found = re.search(re.escape(path) + TOKEN, self._plain)
        return None if found is None else found[1]


@dataclass
class Post:
    """The port Carrier: `says` is its answer to every message."""

    says: Sent | Refused | Postponed = ACCEPTS
    tried: list[Mail] = field(default_factory=list)
    taken: list[Mail] = field(default_factory=list)
    closed: bool = False

    def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
        """Keeps the message and answers."""
        mail = Mail(envelope)
        self.tried.append(mail)
        if isinstance(self.says, Sent):
            self.taken.append(mail)
        return self.says

    def reachable(self) -> bool:
        """Whether it answers at all: not while it says, of no message in particular, that it cannot."""
        return not isinstance(self.says, Postponed) or self.says.answered

    def close(self) -> None:
        """Lets nothing go: there is no connection."""
        self.closed = True

    def to(self, address: str) -> list[Mail]:
        """What reached that mailbox."""
        return [mail for mail in self.taken if mail.envelope.recipient == address]

    def links(self, address: str) -> list[str]:
        """The recovery links that reached that mailbox, oldest first."""
        return [mail.link for mail in self.to(address) if mail.link is not None]


class Fickle(Post):
    """A relay that greets, and then may take nothing."""

    def reachable(self) -> bool:
        """It greets."""
        return True
