"""The dates and phases of an election, and the operations allowed at each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class ElectionPhase(StrEnum):
    BEFORE = "before"
    OPEN = "open"
    VOTING = "voting"
    LAST_MINUTES = "last-minutes"
    CLOSED = "closed"


class CalendarOperation(StrEnum):
    SIGN_IN = "sign-in"
    ASK_PASSWORD = "ask-password"
    CHOOSE_PASSWORD = "choose-password"
    REISSUE_IDENTIFIER = "reissue-identifier"
    STOP = "stop"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The dates of an election. `zone` is the time zone for display."""

    recovery_opens: datetime
    vote_opens: datetime
    vote_closes: datetime
    last_minutes: timedelta
    zone: ZoneInfo

    def phase(self, now: datetime) -> ElectionPhase:
        if now < self.recovery_opens:
            return ElectionPhase.BEFORE
        if now >= self.vote_closes:
            return ElectionPhase.CLOSED
        if now >= self.vote_closes - self.last_minutes:
            return ElectionPhase.LAST_MINUTES
        return ElectionPhase.VOTING if now >= self.vote_opens else ElectionPhase.OPEN

    def allows(self, operation: CalendarOperation, now: datetime) -> bool:
        # STOP ("Ce n'était pas moi") is always possible, because a stolen account matters after the vote too.
        return operation is CalendarOperation.STOP or self.recovery_opens <= now < self.vote_closes

    def is_open(self, now: datetime) -> bool:
        """Return whether voters may do more than stop a change."""
        return self.allows(CalendarOperation.SIGN_IN, now)

    def to_local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)
