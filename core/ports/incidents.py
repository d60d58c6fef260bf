from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class IncidentScope(StrEnum):
    EVERYBODY = "everybody"
    ACADEMIE = "academie"
    MAIL_DOMAIN = "mail-domain"
    SMS = "sms"
    """The incident concerns all voters who are waiting for an SMS."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    id: int = 0
    scope: IncidentScope
    subject: str
    """The académie or email domain concerned. Empty for other scopes."""
    sentence: str
    """The id of a sentence in `core.flows.incident_catalogue`."""
    minutes: int | None
    """Minutes to insert into the sentence, or None."""
    began: datetime
    until: datetime
    ended: datetime | None = None
    author: str | None = None
    """Agent who announced the incident. None in data from earlier versions."""

    def over_since(self, now: datetime) -> datetime | None:
        end = self.until if self.ended is None else self.ended
        return end if end <= now else None


class IncidentRepository(Protocol):
    def add(self, incident: Incident) -> int: ...

    def end(self, incident: int, at: datetime) -> bool: ...

    def unended_or_ended_since(self, since: datetime, limit: int) -> list[Incident]:
        """Return running incidents and incidents that ended after `since`, newest first."""
