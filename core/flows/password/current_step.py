from datetime import datetime, timedelta
from typing import assert_never

from core.flows.address_suggestions import DID_YOU_MEAN
from core.flows.password.definition import PasswordFlow
from core.flows.password.states import CaseOpenedByDesk, LastRequestTimes, MessageAsked, State
from core.forms.flow_model import ShownStep
from core.policy.calendar import Calendar
from core.text.text import N_, NN_, Moment, Text, TimeOfDay

MINUTE = timedelta(minutes=1)
IF_ON_ROLL = N_("Vérifiez cette adresse : nous n'écrivons qu'à celles de la liste électorale.")


def steps_before_link_request(
    typed: str, steps: PasswordFlow, *, forgotten: bool, suggestion: str | None = None
) -> tuple[ShownStep, ...]:
    """Return the steps that are possible before the recovery email. The current step comes first."""
    open_steps = (steps.confirm, steps.choose_way) if forgotten else (steps.choose_way,)
    facts = {"address": typed} if suggestion is None else {"address": typed, "suggestion": suggestion}
    notices = () if suggestion is None else (DID_YOU_MEAN.fill(facts),)
    return tuple(ShownStep(step=step, facts=facts, notices=notices, carried={"email": typed}) for step in open_steps)


def step_for(state: State, number: str, steps: PasswordFlow, calendar: Calendar, *, now: datetime) -> ShownStep:
    """Return the step of a case. The step must not reveal whether the address is on the roll."""
    match state:
        case MessageAsked():
            times = link_end_and_next_request_facts(state.asking, calendar, now)
            sentences = (
                (steps.too_many_requests, steps.open_latest)
                if state.asking.refused
                else (IF_ON_ROLL, steps.link_validity)
            )
            asked, link_until = (sentence.fill(times) for sentence in sentences)
            facts = {"address": state.typed, "asked": asked, "link_until": link_until, **times}
            # In whole minutes, so that the pages of two addresses do not differ by the second of their requests.
            wait = -((now - state.asking.again_from) // MINUTE) * MINUTE
            return ShownStep(
                step=steps.message_asked,
                facts=facts,
                case=number,
                refresh_after=wait if wait > timedelta(0) else None,
                message_language=state.asking.language,
            )
        case CaseOpenedByDesk():
            return ShownStep(step=steps.choose_way, facts={"address": state.typed}, case=number)
        case _:
            assert_never(state)


def link_end_and_next_request_facts(
    request_times: LastRequestTimes, calendar: Calendar, now: datetime
) -> dict[str, object]:
    return {
        "asked_at": TimeOfDay(calendar.to_local(request_times.at)),
        "until": Moment(calendar.to_local(request_times.until)),
        "again_from": TimeOfDay(calendar.to_local(request_times.again_from)),
        "may_ask_again": now >= request_times.again_from,
    }


def message_delay_sentence(delay: timedelta, *, normal: timedelta) -> Text:
    """Return a sentence about how long recovery emails currently take."""
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
