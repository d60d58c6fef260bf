"""How the helpdesk can answer a voter: in writing, or by telephone at a chosen time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.policy.calendar import Calendar
from core.policy.desk_hours import is_desk_day, is_desk_open, moment_at_hour, next_desk_day, next_desk_opening
from core.policy.policy import Policy
from core.ports import AnswerWay
from core.text.text import N_, Moment, Text

LEAST_TIME_LEFT = timedelta(hours=1)
"""A call is offered for today only if at least this much of the time slot is left."""
WRITE_TO_ME = N_("Écrivez-moi")
EVERYTHING_LATE = N_(
    "L'assistance ne pourra répondre qu'après la fin du vote, le {vote_closes} (heure de Paris). D'ici là, ce site marche encore : « Mot de passe oublié » vous envoie un lien, et un nouvel identifiant part par SMS."
)
CALL_LATE = N_(
    "Le vote se termine le {vote_closes} (heure de Paris) : un appel peut venir trop tard. Choisissez plutôt « Écrivez-moi »."
)
CALL_ME = N_("Appelez-moi entre {begins} h et {ends} h")


class AnswerTimeChoice(StrEnum):
    """How a voter wants to be answered: in writing, or by a call."""

    WRITING = "writing"
    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"


class HoursOfDay(NamedTuple):
    first: int
    last: int


PARTS_OF_DAY = {
    AnswerTimeChoice.MORNING: HoursOfDay(0, 12),
    AnswerTimeChoice.MIDDAY: HoursOfDay(12, 14),
    AnswerTimeChoice.AFTERNOON: HoursOfDay(14, 24),
}
"""The hours at which each part of the day begins and ends."""


@dataclass(frozen=True, slots=True)
class AnswerWindow:
    way: AnswerWay
    begins: datetime
    ends: datetime


def offered_answer_times(policy: Policy) -> tuple[AnswerTimeChoice, ...]:
    """Return the choices that fit the opening hours of the helpdesk."""
    open_parts = (part for part in PARTS_OF_DAY if _hours(policy, part).first < _hours(policy, part).last)
    return (AnswerTimeChoice.WRITING, *open_parts)


def answer_time_label(policy: Policy, choice: AnswerTimeChoice) -> Text:
    if choice is AnswerTimeChoice.WRITING:
        return WRITE_TO_ME
    first, last = _hours(policy, choice)
    return CALL_ME.fill({"begins": first, "ends": last})


def answer_window(policy: Policy, calendar: Calendar, choice: AnswerTimeChoice, now: datetime) -> AnswerWindow:
    local = calendar.to_local(now).replace(second=0, microsecond=0)
    following = next_desk_day(policy, local)
    if choice is AnswerTimeChoice.WRITING:
        ends = moment_at_hour(following, policy.desk_closes_hour)
        return AnswerWindow(
            AnswerWay.WRITING, local if is_desk_open(policy, local) else next_desk_opening(policy, local), ends
        )
    first, last = _hours(policy, choice)
    is_today = (
        is_desk_day(policy, local)
        and moment_at_hour(local, last) - max(local, moment_at_hour(local, first)) >= LEAST_TIME_LEFT
    )
    day = local if is_today else following
    return AnswerWindow(AnswerWay.CALL, max(local, moment_at_hour(day, first)), moment_at_hour(day, last))


def _hours(policy: Policy, choice: AnswerTimeChoice) -> HoursOfDay:
    part = PARTS_OF_DAY[choice]
    return HoursOfDay(max(part.first, policy.desk_opens_hour), min(part.last, policy.desk_closes_hour))


def late_answer_notices(policy: Policy, calendar: Calendar, now: datetime) -> tuple[Text, ...]:
    """Return a notice if an answer may come after the vote has closed."""
    choices = offered_answer_times(policy)
    late = [answer_window(policy, calendar, choice, now).begins >= calendar.vote_closes for choice in choices]
    if now >= calendar.vote_closes or not any(late):
        return ()
    return (_until_vote_closes(EVERYTHING_LATE if all(late) else CALL_LATE, calendar),)


def late_request_notices(due: datetime, calendar: Calendar, now: datetime) -> tuple[Text, ...]:
    """Return a notice if a request that was sent can only be answered after the vote has closed."""
    return (_until_vote_closes(EVERYTHING_LATE, calendar),) if now < calendar.vote_closes <= due else ()


def _until_vote_closes(notice: Text, calendar: Calendar) -> Text:
    return notice.fill({"vote_closes": Moment(calendar.to_local(calendar.vote_closes))})
