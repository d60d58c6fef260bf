"""The page of a request that was made, and the sentence that says by when the desk answers."""

from collections.abc import Mapping

from core.flows.contact_desk.definition import ContactFlow
from core.flows.contact_desk.states import ContactRequestContent, State
from core.forms.flow_model import ShownStep
from core.policy.policy_and_calendar import Calendar
from core.ports import AnswerWay
from core.text.text import N_, Day, Moment, Text, TimeOfDay

WRITES = N_("L'assistance répond à cette adresse au plus tard le {until} (heure de Paris).")
CALLS = N_("L'assistance vous appelle {day}, entre {begins} et {ends} (heure de Paris).")


def contact_request_page(state: object, number: str, steps: ContactFlow, calendar: Calendar) -> ShownStep:
    """Return the page of a case. It is the same whether or not the address is on the roll (rule 2)."""
    if not isinstance(state, State):
        return ShownStep(step=steps.ask, case=number)
    facts = {"address": state.typed, **contact_request_facts(state.terms, calendar)}
    return ShownStep(step=steps.asked, facts=facts, case=number, message_language=state.terms.language)


def contact_request_facts(terms: ContactRequestContent, calendar: Calendar) -> Mapping[str, object]:
    """Return the subject of a request and the sentence on its answer."""
    return {
        "subject": terms.reason.sentence,
        "answer": answer_time_sentence(terms, calendar),
        "asked_at": Moment(calendar.to_local(terms.asked)),
    }


def answer_time_sentence(terms: ContactRequestContent, calendar: Calendar) -> Text:
    """Return by when the desk answers."""
    begins, ends = calendar.to_local(terms.due), calendar.to_local(terms.until)
    if terms.way is AnswerWay.WRITING:
        return WRITES.fill({"until": Moment(ends)})
    return CALLS.fill({"day": Day(begins), "begins": TimeOfDay(begins), "ends": TimeOfDay(ends)})
