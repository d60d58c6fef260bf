"""Sentences at the top of every page, about the vote and the helpdesk."""

from datetime import datetime

from core.policy.calendar import Calendar, ElectionPhase
from core.policy.desk_hours import is_desk_open, moment_at_hour, next_desk_opening
from core.policy.policy import Policy
from core.text.text import N_, Day, Moment, Text, TimeOfDay


def desk_status(policy: Policy, calendar: Calendar, now: datetime) -> Text:
    local = calendar.to_local(now)
    if is_desk_open(policy, local):
        closes = TimeOfDay(moment_at_hour(local, policy.desk_closes_hour))
        return N_("Elle est ouverte jusqu'à {closes} (heure de Paris).", closes=closes)
    opens = next_desk_opening(policy, local)
    return N_("Elle est fermée, et rouvre {day} à {opens} (heure de Paris).", day=Day(opens), opens=TimeOfDay(opens))


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
