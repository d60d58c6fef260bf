"""Fictional voters and the mails that reach them."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from functools import cached_property
from typing import Any

from core.text import Language

LINK = re.compile(r"https?://\S+/(?:lien|pas-moi)/[A-Za-z0-9_-]+")
NEITHER = "no link"


@dataclass(frozen=True)
class Voter:
    """A fictional voter, as a caller would know themselves."""

    email: str
    birth_date: str
    numen: str
    phone: str
    last_name: str
    first_name: str
    academie: str
    language: Language


@dataclass(frozen=True)
class Mail:
    """A mail that arrived, under its number in the mailbox; `raw` is what the relay was given."""

    id: int
    to: str
    raw: bytes

    @cached_property
    def _parsed(self) -> Any:  # noqa: ANN401  # the standard library's message, with its loose types
        return message_from_bytes(self.raw, policy=default)

    @property
    def subject(self) -> str:
        """As a person reads it."""
        return str(self._parsed["Subject"])

    @property
    def message_id(self) -> str:
        """The same for the same mail."""
        return str(self._parsed["Message-ID"])

    def part(self, kind: str) -> str:
        """Its part "plain" or "html"; empty if there is none."""
        found = self._parsed.get_body((kind,))
        return "" if found is None else str(found.get_content()).replace("\r\n", "\n")

    @property
    def words(self) -> str:
        """Its text, each line break a space."""
        return " ".join(self.part("plain").split())

    @property
    def link(self) -> str:
        """The address it asks its reader to open, or `NEITHER`."""
        found = LINK.search(self.part("plain"))
        return NEITHER if found is None else found[0]

    @property
    def token(self) -> str:
        """What makes that address unguessable."""
        return self.link.rpartition("/")[2]
