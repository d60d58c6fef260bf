"""Known incidents: failures that many people meet, which the desk announces."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class IncidentScope(StrEnum):
    """The people whom an incident concerns."""

    EVERYBODY = "everybody"
    ACADEMIE = "academie"
    MAIL_DOMAIN = "mail-domain"
    SMS = "sms"
    """Everybody who waits for an SMS."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An announced incident. It holds no free text: `sentence` names one of `core.flows.incident_catalogue`.

    `id` is 0 until it is stored.
    """

    id: int = 0
    scope: IncidentScope
    subject: str
    """The académie as the roll writes it, or the mail domain in lower case; empty for the other scopes."""
    sentence: str
    minutes: int | None
    """The number in the sentence, where it has one."""
    began: datetime
    until: datetime
    """The moment at which it is expected to end, and ends by itself."""
    ended: datetime | None = None
    """The moment at which it was ended early."""
    author: str | None = None
    """The name of the agent who announced it; None in rows of former versions, for the operator."""

    def over_since(self, now: datetime) -> datetime | None:
        """Return since when it is over, or None while it stands."""
        end = self.until if self.ended is None else self.ended
        return end if end <= now else None


class IncidentRepository(Protocol):
    """The announced incidents, some dozens in an election."""

    def add(self, incident: Incident) -> int:
        """Store an incident and return its id."""

    def end(self, incident: int, at: datetime) -> bool:
        """End an incident early. Return False if it is over already, or none has that id."""

    def unended_or_ended_since(self, since: datetime, limit: int) -> list[Incident]:
        """Return the incidents that stand or were over after that moment, the newest first."""
