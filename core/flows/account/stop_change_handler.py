"""Shows the steps of "ce n'était pas moi" (ST), and freezes the account."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.flows.account.stop_change_definition import (
    WHAT_HAPPENED,
    FreezeAccountAnswer,
    RecogniseChangeAnswer,
    ReturnToQuestionAnswer,
    StopChangeFlow,
)
from core.flows.account.stop_change_links import StopChangeLinks
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import BrowserTokens, NextStepAndBrowserTokens, UnhandledAnswerType
from core.forms.errors import Refusal
from core.forms.field_parsers import mask_address
from core.forms.flow_model import FieldRejected, Flow, ShownStep, Step
from core.ports import RecoveryCase, Voter
from core.text.text import Moment


@dataclass(frozen=True, slots=True)
class StopChangeHandler:
    """The handler of ST."""

    steps: StopChangeFlow
    dependencies: Dependencies
    stops: StopChangeLinks

    @property
    def flow(self) -> Flow:
        """The definition."""
        return self.steps.flow

    def show(self, step: Step, visit: BrowserTokens) -> ShownStep:
        """Show the confirmation, or that the account is frozen already, or that it stays open. Raises the refusals of a notice's link."""
        notice, voter = self.stops.find_notice(visit.stop)
        changed_at = Moment(self.dependencies.calendar.to_local(notice.changed))
        what = WHAT_HAPPENED[notice.matter]
        facts = {"masked_address": mask_address(voter.email), "changed_at": changed_at, "what_happened": what}
        still_open = step if step is self.steps.recognised else self.steps.confirm
        shown = still_open if voter.frozen is None else self.steps.stopped
        return ShownStep(step=shown, facts=facts, case=notice.case)

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:  # noqa: ARG002  # the mail's link says what was changed
        """Return nothing."""
        return {}

    def current_step(self, case: RecoveryCase) -> ShownStep:
        """The first step: this flow has no cases of its own."""
        return ShownStep(step=self.flow.steps[0], case=case.number)

    def answer(self, answer: object, visit: BrowserTokens) -> NextStepAndBrowserTokens:
        """Freeze the account, or record that the change was the voter's own. Raises the refusals of a notice's link."""
        match answer:
            case RecogniseChangeAnswer():
                self.stops.record_change_recognised(visit.stop, visit.form)
                return NextStepAndBrowserTokens(self.steps.recognised, visit)
            case ReturnToQuestionAnswer():
                return NextStepAndBrowserTokens(self.steps.confirm, visit)
            case FreezeAccountAnswer():
                self.stops.freeze(visit.stop)
                return NextStepAndBrowserTokens(self.steps.stopped, visit)
            case _:
                raise UnhandledAnswerType(type(answer).__name__)

    def record_unreadable_fields(self, step: Step, problems: Mapping[str, FieldRejected], visit: BrowserTokens) -> None:
        """Do nothing: there is no field here."""

    def record_refusal(self, step: Step, refusal: Refusal, visit: BrowserTokens) -> None:  # noqa: ARG002  # it is not known who was refused
        """Record the refusal."""
        self.dependencies.record_refusal(refusal)
