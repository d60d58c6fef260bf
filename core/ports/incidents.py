from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class IncidentScope(StrEnum):
    """The people concerned by an incident."""

    EVERYBODY = "everybody"
    ACADEMIE = "academie"
    MAIL_DOMAIN = "mail-domain"
    SMS = "sms"
    """Everybody who waits for an SMS."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An announced incident.

    `sentence` is the id of a sentence in `core.flows.incident_catalogue`; there is no free text. `id` is 0 until the
    incident is stored.
    """

    id: int = 0
    scope: IncidentScope
    subject: str
    """The académie as written in the roll, or the mail domain in lower case. Empty for the other scopes."""
    sentence: str
    minutes: int | None
    """The number inserted in the sentence, if it has one."""
    began: datetime
    until: datetime
    """The expected end. The incident ends automatically at this time."""
    ended: datetime | None = None
    """The time at which an agent ended it early."""
    author: str | None = None
    """The name of the agent who announced it. None in rows of earlier versions, where the operator announced it."""

    def over_since(self, now: datetime) -> datetime | None:
        """Return the time at which the incident ended, or None if it has not ended."""
        end = self.until if self.ended is None else self.ended
        return end if end <= now else None


class IncidentRepository(Protocol):
    """The announced incidents. An election has a few dozen."""

    def add(self, incident: Incident) -> int: ...

    def end(self, incident: int, at: datetime) -> bool:
        """End an incident early. Return False if it has ended or does not exist."""

    def unended_or_ended_since(self, since: datetime, limit: int) -> list[Incident]:
        """Return the incidents that have not ended, or that ended after `since`, newest first."""
