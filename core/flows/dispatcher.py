"""Passes web requests to the handlers of the flows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import FlowHandler, StepResult, Visit
from core.flows.repeated_forms import form_digest
from core.forms import errors
from core.forms.flow_model import Flow, Form, FormErrors, ShownStep, Step, find_action, input_names
from core.forms.step_position import StepPosition, step_position

CASE = "case"


@dataclass(frozen=True, slots=True)
class StepPlace:
    handler: FlowHandler
    flow: Flow
    path: str
    position: StepPosition | None
    """Position of the step in its flow, such as 2 of 4."""


@dataclass(frozen=True)
class FlowDispatcher:
    handlers: Sequence[FlowHandler]
    dependencies: Dependencies
    _places: dict[int, StepPlace] = field(init=False, default_factory=dict)
    _steps: dict[str, Step] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._steps["/"] = self.first_step
        for handler in self.handlers:
            flow = handler.steps.flow
            for step in flow.steps:
                path = f"/{flow.slug}/{step.slug}"
                self._steps[path] = step
                path = "/" if step is self.first_step else path
                self._places[id(step)] = StepPlace(handler, flow, path, step_position(step, flow))

    @cached_property
    def first_step(self) -> Step:
        return self.handlers[0].steps.flow.steps[0]

    def handler_of(self, flow: str) -> FlowHandler | None:
        return next((handler for handler in self.handlers if handler.steps.flow.slug == flow), None)

    def find_step(self, path: str) -> Step:
        """Return the step whose page has this path. Raises PageNotFound."""
        step = self._steps.get(path)
        if step is None:
            raise errors.PageNotFound
        return step

    def place_of(self, step: Step) -> StepPlace:
        return self._places[id(step)]

    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Return the page of `step`, or another page if `step` is not possible. Raises Refusal."""
        self.require_open(step)
        return self._places[id(step)].handler.show(step, msgspec.structs.replace(visit, reading=True))

    def require_open(self, step: Step) -> None:
        """Check that the calendar allows the flow of a step. Raises NotYetOpen, VoteClosed."""
        now = self.dependencies.clock.now()
        if not (self._places[id(step)].flow.is_always_open or self.dependencies.calendar.is_open(now)):
            raise self.dependencies.closed_refusal(now)

    def answer(self, step: Step, choice: str, form: Form, visit: Visit) -> StepResult:
        """Pass a submitted form to the flow's handler. Raises FormErrors, Refusal."""
        place = self._places[id(step)]
        handler = place.handler
        visit = msgspec.structs.replace(visit, form=form_digest(self.dependencies.vault, place.path, form, visit))
        try:
            shown = handler.show(step, visit)
            if shown.step is not step:
                return StepResult(shown.step, visit, _typed_for(shown.step, form))
            # A form without the hidden inputs is accepted.
            if any(form.get(name, value) != value for name, value in hidden_form_inputs(shown).items()):
                return StepResult(step, visit)
            action = find_action(choice, step)
            if action is None:
                raise errors.RequestUnreadable
            try:
                answer = action.read(form)
            except FormErrors as problems:
                handler.record_unreadable_fields(step, problems.by_field, visit)
                raise
            return handler.answer(answer, visit)
        except errors.Refusal as refusal:
            handler.record_refusal(step, refusal, visit)
            self.require_open(step)  # outside the dates, advice such as "sign in again" would be wrong
            raise


def hidden_form_inputs(shown_step: ShownStep) -> Form:
    """Return the hidden inputs for the forms of a page."""
    return shown_step.carried if shown_step.case is None else {CASE: shown_step.case, **shown_step.carried}


def _typed_for(step: Step, form: Form) -> Form:
    names = {name for action in step.actions for form_field in action.fields for name in input_names(form_field)}
    return {name: text for name, text in form.items() if name in names}
