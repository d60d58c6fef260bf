"""`step_for`: the only answer to "what now?" in a password recovery."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never

from core.flows.password import PasswordFlow
from core.policy import Calendar, Phase
from core.recovery import Asking, Completed, Confirming, Identified, LinkSent, Requested, State, Unanswered
from core.steps import Shown, Step
from core.text import N_, NN_, Moment, Text, TimeOfDay

MINUTE = timedelta(minutes=1)


def step_for(state: State, number: str, steps: PasswordFlow, calendar: Calendar, *, now: datetime) -> tuple[Shown, ...]:
    """The steps open to whoever typed the address, the present one first.

    What they see depends on what they did and on the clock, never on whether the address is on the roll (rule 2).
    """
    facts: dict[str, object] = {"address": state.typed}
    match state:
        case Identified():
            return _shown((steps.choose_way,), facts, number)
        case Confirming():
            return _shown((steps.confirm, steps.choose_way), facts, number)
        case Requested() | Unanswered() | LinkSent() | Completed():
            return _shown((steps.message_asked,), {**facts, **waiting_facts(state.asking, calendar, now)}, number)
        case _:
            assert_never(state)


def waiting_facts(asking: Asking, calendar: Calendar, now: datetime) -> dict[str, object]:
    """What is true for every ask: until when its link would serve, and from when one may ask again."""
    return {
        "asked_at": TimeOfDay(calendar.local(asking.at)),
        "until": TimeOfDay(calendar.local(asking.until)),
        "again_from": TimeOfDay(calendar.local(asking.again_from)),
        "may_ask_again": now >= asking.again_from,
    }


def phase_notice(calendar: Calendar, now: datetime) -> Text | None:
    """What every page says about the calendar, when it matters."""
    match calendar.phase(now):
        case Phase.BEFORE:
            return N_(
                "Le service ouvrira le {opens_at} (heure de Paris).",
                opens_at=Moment(calendar.local(calendar.recovery_opens)),
            )
        case Phase.LAST_MINUTES:
            return N_(
                "Le vote se termine à {closes_at} (heure de Paris) : un message peut arriver trop tard.",
                closes_at=TimeOfDay(calendar.local(calendar.vote_closes)),
            )
        case Phase.CLOSED:
            return N_(
                "Le vote est clos depuis le {closed_at} (heure de Paris).",
                closed_at=Moment(calendar.local(calendar.vote_closes)),
            )
        case Phase.OPEN | Phase.VOTING:
            return None


def delay_sentence(delay: timedelta, *, normal: timedelta) -> Text:
    """How late messages are at present, in words: true for everyone, whoever they are."""
    if delay < normal:
        return NN_(
            "En ce moment, les messages arrivent d'ordinaire en moins de {count} minute.",
            "En ce moment, les messages arrivent d'ordinaire en moins de {count} minutes.",
            count=normal // MINUTE,
        )
    return NN_(
        "En ce moment, les messages partent avec environ {count} minute de retard. Inutile de redemander : le vôtre attend son tour.",
        "En ce moment, les messages partent avec environ {count} minutes de retard. Inutile de redemander : le vôtre attend son tour.",
        count=-(-delay // MINUTE),
    )


def _shown(open_steps: tuple[Step, ...], facts: Mapping[str, object], number: str) -> tuple[Shown, ...]:
    return tuple(Shown(step=step, facts=facts, case=number) for step in open_steps)
