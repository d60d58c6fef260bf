"""The one entry to every flow: finds the step of a request, reads its form, and calls the flow's handler."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import FlowHandler, StepResult, Visit
from core.flows.repeated_forms import RepeatedForms
from core.forms import errors
from core.forms.flow_model import Flow, Form, FormErrors, ShownStep, Step, find_action, input_names
from core.forms.step_position import StepPosition, step_position

CASE = "case"
"""The input in which a page says of which case it is."""


@dataclass(frozen=True)
class FlowDispatcher:
    """The handlers of all flows. A visitor begins at the first step of the first one."""

    handlers: Sequence[FlowHandler]
    dependencies: Dependencies
    _handler_of_step: dict[int, FlowHandler] = field(init=False, default_factory=dict)
    _step_by_slugs: dict[tuple[str, str], Step] = field(init=False, default_factory=dict)
    _positions: dict[int, StepPosition | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for handler in self.handlers:
            for step in handler.flow.steps:
                self._handler_of_step[id(step)] = handler
                self._step_by_slugs[handler.flow.slug, step.slug] = step
                self._positions[id(step)] = step_position(step, handler.flow)

    @cached_property
    def first_step(self) -> Step:
        """The step where a visitor begins."""
        return self.handlers[0].flow.steps[0]

    def handler_of(self, flow: str) -> FlowHandler | None:
        """The handler of the flow with that slug."""
        return next((handler for handler in self.handlers if handler.flow.slug == flow), None)

    def find_step(self, flow: str, slug: str) -> Step:
        """The step with those slugs. Raises PageNotFound."""
        step = self._step_by_slugs.get((flow, slug))
        if step is None:
            raise errors.PageNotFound
        return step

    def flow_of(self, step: Step) -> Flow:
        """The flow that a step belongs to."""
        return self._handler_of_step[id(step)].flow

    def position_of(self, step: Step) -> StepPosition | None:
        """The position of a step on the way through its flow, if it has one."""
        return self._positions[id(step)]

    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Show that step, or the one that is open to this visitor instead. Raises Refusal."""
        return self._handler_of_step[id(step)].show(step, msgspec.structs.replace(visit, reading=True))

    def answer(self, step: Step, choice: str, form: Form, visit: Visit) -> StepResult:
        """Read the form of a step and do what it asks.

        Nothing is done when the step is not open to this visitor, or when the form is of another case or address than
        the browser holds now: a button pressed twice, a page gone stale. Raises FormErrors, Refusal.
        """
        handler = self._handler_of_step[id(step)]
        page = f"{handler.flow.slug}/{step.slug}"
        digest = RepeatedForms(self.dependencies).digest(page, form, visit)
        visit = msgspec.structs.replace(visit, form=digest)
        try:
            shown = handler.show(step, visit)
            if shown.step is not step:
                return StepResult(shown.step, visit, _typed_for(shown.step, form))
            if is_form_of_other_page(form, shown):
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
    """Return the hidden inputs of each form of a page: its case, or the values typed before there is one."""
    return shown_step.carried if shown_step.case is None else {CASE: shown_step.case, **shown_step.carried}


def is_form_of_other_page(form: Form, shown_step: ShownStep) -> bool:
    """Return whether the form belongs to another page than this one. A form without these inputs passes as this page's."""
    return any(form.get(name, value) != value for name, value in hidden_form_inputs(shown_step).items())


def _typed_for(step: Step, form: Form) -> Form:
    names = {name for action in step.actions for each in action.fields for name in input_names(each)}
    return {name: text for name, text in form.items() if name in names}
