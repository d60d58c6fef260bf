from dataclasses import dataclass

from core.flows.account.stop_change_definition import (
    CHANGES_CLOSED,
    WHAT_HAPPENED,
    FreezeAccountAnswer,
    RecogniseChangeAnswer,
    ReturnToQuestionAnswer,
    StopChangeFlow,
    doubt_sentence,
)
from core.flows.account.stop_change_links import StopChangeLinks
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import FlowHandler, StepResult, UnhandledAnswerError, Visit
from core.flows.phase_notice import vote_while_blocked_sentence
from core.forms.field_parsers import mask_address
from core.forms.flow_model import ShownStep, Step
from core.text.text import Moment


@dataclass(frozen=True, slots=True)
class StopChangeHandler(FlowHandler):
    steps: StopChangeFlow
    dependencies: Dependencies
    stops: StopChangeLinks

    def show(self, step: Step, visit: Visit) -> ShownStep:
        notice, voter = self.stops.find_notice(visit.stop)
        changed_at = Moment(self.dependencies.calendar.to_local(notice.changed))
        what = WHAT_HAPPENED[notice.matter]
        policy, calendar, now = self.dependencies.policy, self.dependencies.calendar, self.dependencies.clock.now()
        facts = {
            "masked_address": mask_address(voter.email),
            "changed_at": changed_at,
            "what_happened": what,
            "vote_while_blocked": vote_while_blocked_sentence(policy, calendar, now),
            "doubt": doubt_sentence(self.dependencies.election.site) if calendar.is_open(now) else CHANGES_CLOSED,
        }
        still_open = step if step is self.steps.recognised else self.steps.confirm
        shown = still_open if voter.frozen is None else self.steps.stopped
        return ShownStep(step=shown, facts=facts, case=notice.case)

    def answer(self, answer: object, visit: Visit) -> StepResult:
        """Carry out the voter's choice. Raises the errors of `find_notice`."""
        match answer:
            case RecogniseChangeAnswer():
                self.stops.record_change_recognised(visit.stop, visit.form)
                return StepResult(self.steps.recognised, visit)
            case ReturnToQuestionAnswer():
                return StepResult(self.steps.confirm, visit)
            case FreezeAccountAnswer():
                self.stops.freeze(visit.stop)
                return StepResult(self.steps.stopped, visit)
            case _:
                raise UnhandledAnswerError(type(answer).__name__)
