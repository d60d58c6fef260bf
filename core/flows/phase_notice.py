"""The notice, shown on every page, of when the service opens or when the vote ends."""

from datetime import datetime

from core.policy.calendar import Calendar, ElectionPhase
from core.text.text import N_, Moment, Text, TimeOfDay


def phase_notice(calendar: Calendar, now: datetime) -> Text | None:
    match calendar.phase(now):
        case ElectionPhase.BEFORE:
            return N_(
                "Le service ouvrira le {opens_at} (heure de Paris).",
                opens_at=Moment(calendar.to_local(calendar.recovery_opens)),
            )
        case ElectionPhase.LAST_MINUTES:
            return N_(
                "Le vote se termine à {closes_at} (heure de Paris) : un message peut arriver trop tard.",
                closes_at=TimeOfDay(calendar.to_local(calendar.vote_closes)),
            )
        case ElectionPhase.CLOSED:
            return N_(
                "Le vote est clos depuis le {closed_at} (heure de Paris).",
                closed_at=Moment(calendar.to_local(calendar.vote_closes)),
            )
        case ElectionPhase.OPEN | ElectionPhase.VOTING:
            return None
