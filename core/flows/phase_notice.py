"""Sentences that say when the vote and the helpdesk are open."""

from datetime import datetime

from core.policy.calendar import Calendar, ElectionPhase
from core.policy.desk_hours import is_desk_open, moment_at_hour, next_desk_opening
from core.policy.policy import Policy
from core.text.text import N_, Day, Moment, Text, TimeOfDay
from core.text.urls import CONTACT_PATH

REQUEST_ANSWER = N_("Demander un appel ou une réponse écrite : {web_page}", web_page=CONTACT_PATH)


def desk_status(policy: Policy, calendar: Calendar, now: datetime) -> Text:
    local = calendar.to_local(now)
    if is_desk_open(policy, local):
        closes = TimeOfDay(moment_at_hour(local, policy.desk_closes_hour))
        return N_("L'assistance est ouverte jusqu'à {closes} (heure de Paris).", closes=closes)
    opens = next_desk_opening(policy, local)
    if now < calendar.vote_closes <= opens:
        return N_("L'assistance est fermée, et ne rouvre qu'après la fin du vote.")
    if opens.date() == local.date():
        return N_("L'assistance est fermée, et rouvre aujourd'hui à {opens} (heure de Paris).", opens=TimeOfDay(opens))
    return N_(
        "L'assistance est fermée, et rouvre {day} à {opens} (heure de Paris).", day=Day(opens), opens=TimeOfDay(opens)
    )


def closed_desk_notices(policy: Policy, calendar: Calendar, now: datetime) -> tuple[Text, ...]:
    """Return what a page adds while the desk is closed, if the page asks its reader to call."""
    if is_desk_open(policy, calendar.to_local(now)):
        return ()
    closed = desk_status(policy, calendar, now)
    if not calendar.is_open(now):
        return (closed,)
    return (Text("{closed} {request}").fill({"closed": closed, "request": REQUEST_ANSWER}),)


def vote_while_blocked_sentence(policy: Policy, calendar: Calendar, now: datetime) -> Text:
    """Return what a blocked account means for the vote, and whether the desk can reopen it before the vote begins."""
    local = calendar.to_local(now)
    reopens = local if is_desk_open(policy, local) else next_desk_opening(policy, local)
    opens, closes = (Day(calendar.to_local(moment)) for moment in (calendar.vote_opens, calendar.vote_closes))
    if now >= calendar.vote_closes:
        return N_("Le vote est terminé.")
    if reopens >= calendar.vote_closes:
        return N_(
            "Une fois ce compte bloqué, vous ne pourrez plus voter : l'assistance ne rouvre qu'après la fin du vote."
        )
    if reopens < calendar.vote_opens:
        return N_(
            "Le vote a lieu du {vote_opens} au {vote_closes}. L'assistance peut rouvrir votre compte avant qu'il commence.",
            vote_opens=opens,
            vote_closes=closes,
        )
    return N_(
        "Tant qu'il est bloqué, vous ne pouvez pas voter. Le vote se termine le {vote_closes} (heure de Paris).",
        vote_closes=Moment(calendar.to_local(calendar.vote_closes)),
    )


def phase_notice(calendar: Calendar, now: datetime) -> Text | None:
    """Return the banner of the last minutes, or None. Before and after the vote, each page is a refusal with the date."""
    if calendar.phase(now) is not ElectionPhase.LAST_MINUTES:
        return None
    return N_(
        "Le vote se termine à {closes_at} (heure de Paris) : un message peut arriver trop tard.",
        closes_at=TimeOfDay(calendar.to_local(calendar.vote_closes)),
    )


def vote_dates_sentence(calendar: Calendar, now: datetime) -> Text:
    """Return when the vote opens, if it has not opened yet, and when it closes."""
    opens, closes = (Moment(calendar.to_local(moment)) for moment in (calendar.vote_opens, calendar.vote_closes))
    if now < calendar.vote_opens:
        return N_(
            "Vous pourrez voter du {vote_opens} au {vote_closes} (heure de Paris).",
            vote_opens=opens,
            vote_closes=closes,
        )
    if now < calendar.vote_closes:
        return N_("Le vote est ouvert jusqu'au {vote_closes} (heure de Paris).", vote_closes=closes)
    return N_("Le vote est clos depuis le {closed_at} (heure de Paris).", closed_at=closes)
