from dataclasses import dataclass, replace

from core.flows.contact_desk.answer_time_choices import late_answer_notices, late_request_notices
from core.flows.contact_desk.contact_requests import ContactRequests, contact_request_page
from core.flows.contact_desk.definition import AskDeskAnswer, ContactFlow
from core.flows.contact_desk.states import State
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import FlowHandler, StepResult, UnhandledAnswerError, Visit
from core.forms.flow_model import ShownStep, Step
from core.ports import RecoveryCase


@dataclass(frozen=True, slots=True)
class ContactHandler(FlowHandler):
    steps: ContactFlow
    dependencies: Dependencies
    requests: ContactRequests

    def show(self, step: Step, visit: Visit) -> ShownStep:
        case = None if step is self.steps.ask else self.dependencies.find_case(visit.contact)
        if case is not None:
            return self.current_step(case)
        rules = self.dependencies
        return ShownStep(
            step=self.steps.ask, notices=late_answer_notices(rules.policy, rules.calendar, rules.clock.now())
        )

    def current_step(self, case: RecoveryCase) -> ShownStep:
        rules, state = self.dependencies, case.state
        notices = (
            late_request_notices(state.terms.due, rules.calendar, rules.clock.now()) if isinstance(state, State) else ()
        )
        return replace(contact_request_page(state, case.number, self.steps, rules.calendar), notices=notices)

    def answer(self, answer: object, visit: Visit) -> StepResult:
        if not isinstance(answer, AskDeskAnswer):
            raise UnhandledAnswerError(type(answer).__name__)
        return StepResult(self.steps.asked, visit.with_(contact=self.requests.ask(answer, visit)))
