"""The notice about the election's calendar on every page."""

from datetime import datetime

from core.policy.policy import Calendar, Phase
from core.text.text import N_, Moment, Text, TimeOfDay


def phase_notice(calendar: Calendar, now: datetime) -> Text | None:
    """Return the notice about the calendar, when it matters."""
    match calendar.phase(now):
        case Phase.BEFORE:
            return N_(
                "Le service ouvrira le {opens_at} (heure de Paris).",
                opens_at=Moment(calendar.to_local(calendar.recovery_opens)),
            )
        case Phase.LAST_MINUTES:
            return N_(
                "Le vote se termine à {closes_at} (heure de Paris) : un message peut arriver trop tard.",
                closes_at=TimeOfDay(calendar.to_local(calendar.vote_closes)),
            )
        case Phase.CLOSED:
            return N_(
                "Le vote est clos depuis le {closed_at} (heure de Paris).",
                closed_at=Moment(calendar.to_local(calendar.vote_closes)),
            )
        case Phase.OPEN | Phase.VOTING:
            return None
