"""A walk through one flow: to its first step, to each step beside the way, and to every refusal.

What the walk cannot find out from the definition, the flow's own scenarios say (`core.flows.picture_browser_interface`).
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies
from core.flows.picture_browser_interface import PictureScenarios
from core.forms.flow_model import Action, FieldMistakeExample, FieldRejected, Flow, MailOrSmsText, Step
from core.ports import SmsDeliveryStatus, Transaction, Voter
from guides.pictures import PictureRefused
from guides.pictures.browser_walk import BrowserWalk, field_examples, is_mail_or_sms_step

MANY = 50
"""More than any limit of tries."""


class RefusalNotReached(PictureRefused):
    """No scenario leads to that refusal, or it led to another page."""

    def __init__(self, refusal: str, shown: str = "") -> None:
        super().__init__(f"{refusal}: the screen shows {shown}" if shown else f"{refusal}: no way is known to meet it")


@dataclass
class StepAndRefusalWalk:
    """A walk through one flow of an election; the first of its flows is the one that anybody can begin."""

    walk: BrowserWalk
    flows: Sequence[Flow]
    flow: Flow
    scenarios: PictureScenarios
    _closed_by: str = field(default="", init=False)
    """The refusal that stands before the first step, remembered so that it is met once only."""

    @property
    def dependencies(self) -> Dependencies:
        """The rules and the store of the election that is walked."""
        return self.walk.sandbox.dependencies

    def in_first_flow(self) -> "StepAndRefusalWalk":
        """The same browser, in the first flow."""
        return replace(self, flow=self.flows[0])

    def open_transaction(self, *, other: bool = False) -> AbstractContextManager[tuple[Transaction, Voter]]:
        """A transaction, and the voter who is walked, or another one."""
        return self.walk.sandbox.voter_transaction(other=other)

    def set_clock(self, moment: datetime) -> None:
        """Set the time of the site."""
        self.walk.sandbox.clock.at = moment

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        """Report that delivery of the newest SMS."""
        self.walk.sandbox.report_last_sms(delivery)

    def go_to_first_step(self) -> None:
        """Go to the flow's first step; when refused there, go first where the refusal leads."""
        if not self._closed_by:
            self.open_step(self.flow.steps[0])
            self._closed_by = self.walk.refusal
        if self._closed_by:
            self.scenarios.entrances[self._closed_by](self)

    def go_to_step(self, step: Step) -> None:
        """Go to that step from the beginning."""
        self.go_to_first_step()
        if self.is_side_step(step):
            self.walk.go_from_first_step_to(self.flow, self.last_step)
            self.scenarios.side_steps[_answer_at(step)](self)
            self.open_step(step)
        else:
            self.walk.go_from_first_step_to(self.flow, step)

    def is_side_step(self, step: Step) -> bool:
        """Return whether the step is outside the usual way through the flow."""
        return _answer_at(step) in self.scenarios.side_steps

    @property
    def last_step(self) -> Step:
        """The last step of the way through."""
        return [step for step in self.flow.steps if not self.is_side_step(step)][-1]

    def go_to_next_step(self, step: Step) -> None:
        """Go from that step to the next one."""
        self.walk.go_to_next_step(self.flow, step)

    def wait_for_actions(self, step: Step) -> None:
        """Let the time pass after which the closed actions of a step can be chosen, and open the step again."""
        rules = self.dependencies
        pauses = [self.scenarios.pauses[each.answers] for each in step.actions if each.answers in self.scenarios.pauses]
        self.set_clock(rules.clock.now() + max((pause(rules.policy) for pause in pauses), default=timedelta()))
        self.open_step(step)

    def let_desk_answer_in_writing(self) -> None:
        """Let the desk answer the request that the walk has made."""
        self.scenarios.answers[self.flow.slug](self)

    def go_to_refusal(self, refusal: str, step: Step) -> None:
        """Go to that refusal, as a voter meets it at that step. Raises RefusalNotReached."""
        if refusal not in self.scenarios.refusals:
            raise RefusalNotReached(refusal)
        self.scenarios.refusals[refusal](self, step)
        if self.walk.refusal != refusal:
            raise RefusalNotReached(refusal, self.walk.name_of_page)

    def go_until_refused(self) -> None:
        """Go on from the first step until the site refuses."""
        for step in self.flow.steps:
            if self.walk.refusal:
                return
            action = min(step.actions, key=lambda each: each.answers not in self.scenarios.leads_on)
            self.walk.fill(self.walk.values_to_type(action))
            self.walk.press(action)

    def repeat_mistake(self, error: type[FieldRejected]) -> None:
        """Repeat that mistake until the page shows something else."""
        step = next(step for step in self.flow.steps if any(each.error is error for _, each in input_mistakes_of(step)))
        self.go_to_step(step)
        action, mistake = next((action, each) for action, each in input_mistakes_of(step) if each.error is error)
        for _ in range(MANY):
            self.walk.fill({**field_examples(action), **mistake.typed})
            self.walk.press(action)
            if self.walk.refusal:
                return

    def fill_in_and_press(self, action: Action[object]) -> None:
        """Type the examples and press the button."""
        self.walk.fill(field_examples(action))
        self.walk.press(action)

    def open(self, path: str) -> None:
        """Open a path of the site, or a link of a mail."""
        self.walk.open(path)

    def open_step(self, step: Step) -> None:
        """Open the path of a step."""
        self.walk.open_step(self.flow, step)

    def open_message(self, message: MailOrSmsText) -> None:
        """Open the voter's newest mail."""
        self.walk.open_message(message)

    def link_of_mail(self) -> str:
        """The address of the one link in the open mail."""
        return self.walk.link_of_mail()

    def walk_to_recovery_link(self) -> str:
        """Walk as far as the mail with the recovery link; return the link."""
        self.go_to_step(next(step for step in self.flow.steps if is_mail_or_sms_step(step)))
        return self.link_of_mail()


def input_mistakes_of(step: Step) -> Iterator[tuple[Action[object], FieldMistakeExample]]:
    """Return what can be typed wrong at a step, and the action whose button is pressed then."""
    for action in step.actions:
        for each in action.fields:
            for mistake in each.mistakes:
                yield action, mistake


def _answer_at(step: Step) -> type[object]:
    """The answer of a step's first action, by which scenarios know the step."""
    return step.actions[0].answers if step.actions else type(None)
