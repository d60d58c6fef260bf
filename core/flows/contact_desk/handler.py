from dataclasses import dataclass

from core.flows.contact_desk.answer_time_choices import late_answer_notices
from core.flows.contact_desk.contact_requests import ContactRequests, contact_request_page
from core.flows.contact_desk.definition import AskDeskAnswer, ContactFlow
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
        return contact_request_page(case.state, case.number, self.steps, self.dependencies.calendar)

    def answer(self, answer: object, visit: Visit) -> StepResult:
        if not isinstance(answer, AskDeskAnswer):
            raise UnhandledAnswerError(type(answer).__name__)
        return StepResult(self.steps.asked, visit.with_(contact=self.requests.ask(answer, visit)))
