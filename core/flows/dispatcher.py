"""Entry point to all flows: finds the step of a request, reads its form, and calls the flow's handler."""

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
"""Name of the hidden input with the case number."""


@dataclass(frozen=True, slots=True)
class StepPlace:
    """The place of a step in its flow and on the site."""

    handler: FlowHandler
    flow: Flow
    path: str
    """The path on the site, such as "/mot-de-passe/connexion". The first step of the site is at "/"."""
    position: StepPosition | None
    """The step's position in the flow, if it has one."""


@dataclass(frozen=True)
class FlowDispatcher:
    """Dispatches requests to the flows' handlers. Visitors begin at the first step of the first flow."""

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
        """Raises PageNotFound."""
        step = self._steps.get(path)
        if step is None:
            raise errors.PageNotFound
        return step

    def place_of(self, step: Step) -> StepPlace:
        return self._places[id(step)]

    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Return the step, or the step to which this visitor must go instead. Raises Refusal."""
        return self._places[id(step)].handler.show(step, msgspec.structs.replace(visit, reading=True))

    def answer(self, step: Step, choice: str, form: Form, visit: Visit) -> StepResult:
        """Read the form of a step and handle its answer.

        Does nothing if the step is not open to this visitor, or if the form belongs to another case or address than the
        browser's present one (a stale page, or a button pressed twice). Raises FormErrors, Refusal.
        """
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
            raise


def hidden_form_inputs(shown_step: ShownStep) -> Form:
    """Return the hidden inputs of a page's forms: the carried values, and the case number if there is a case."""
    return shown_step.carried if shown_step.case is None else {CASE: shown_step.case, **shown_step.carried}


def _typed_for(step: Step, form: Form) -> Form:
    names = {name for action in step.actions for each in action.fields for name in input_names(each)}
    return {name: text for name, text in form.items() if name in names}
