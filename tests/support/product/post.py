"""Fictional voters and the mails sent to them."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from functools import cached_property
from typing import Any

from core.text.text import Language

LINK = re.compile(r"https?://\S+/(?:lien|confirmer|pas-moi)/[A-Za-z0-9_-]+")
NEITHER = "no link"


@dataclass(frozen=True)
class DemoVoter:
    """A fictional voter with the data that callers know of themselves."""

    email: str
    birth_date: str
    numen: str
    phone: str
    last_name: str
    first_name: str
    academie: str
    language: Language


@dataclass(frozen=True)
class DemoMail:
    """A mail under its number in the mailbox; `raw` is what the relay received."""

    id: int
    to: str
    raw: bytes

    @cached_property
    def _parsed(self) -> Any:  # noqa: ANN401  # the standard library's message, with its loose types
        return message_from_bytes(self.raw, policy=default)

    @property
    def subject(self) -> str:
        """Return the decoded subject."""
        return str(self._parsed["Subject"])

    @property
    def message_id(self) -> str:
        """Return the Message-ID, which is the same for copies of a mail."""
        return str(self._parsed["Message-ID"])

    def part(self, kind: str) -> str:
        """Return the part "plain" or "html", or an empty text without it."""
        found = self._parsed.get_body((kind,))
        return "" if found is None else str(found.get_content()).replace("\r\n", "\n")

    @property
    def words(self) -> str:
        """Return the text with each line break as a space."""
        return " ".join(self.part("plain").split())

    @property
    def link(self) -> str:
        """Return the address that the mail asks its reader to open, or `NEITHER`."""
        found = LINK.search(self.part("plain"))
        return NEITHER if found is None else found[0]

    @property
    def token(self) -> str:
        """Return the token in that address."""
        return self.link.rpartition("/")[2]
