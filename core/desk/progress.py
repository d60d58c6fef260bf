from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from core.desk.steps import is_message
from core.flows.dispatcher import FlowDispatcher
from core.flows.flow_handler import FlowHandler
from core.forms.field_parsers import mask_address
from core.forms.flow_model import AwaitMessageStep, FinalStep, Flow, ShownStep, Step
from core.ports import ACCESS_CHANGED, Actor, EventType, RecordedEvent, RecoveryCase

MAIL_EVENTS = {
    EventType.MAIL_ACCEPTED,
    EventType.MAIL_POSTPONED,
    EventType.MAIL_REFUSED,
    EventType.MAIL_BOUNCED,
    EventType.MAIL_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class CaseProgress:
    dispatcher: FlowDispatcher

    def handler(self, slug: str) -> FlowHandler:
        handler = self.dispatcher.handler_of(slug)
        assert handler is not None  # noqa: S101  # the store holds only cases of known flows
        return handler

    def step_code_of(self, act: str, slug: str | None) -> str | None:
        """Return the code of the step at which this event happens, or None."""
        if slug is None:
            return None
        flow = self.handler(slug).steps.flow
        step = flow.reached.get(act) or flow.happens_at.get(act)
        return None if step is None else step.code

    def masked_typed_address(self, case: RecoveryCase) -> str:
        """Return the masked email address typed in a case, or an empty string."""
        typed = self.handler(case.flow).current_step(case).facts.get("address")
        return mask_address(typed) if isinstance(typed, str) else ""

    def page(self, case: RecoveryCase, history: Sequence[RecordedEvent]) -> ShownStep:
        handler = self.handler(case.flow)
        shown = handler.current_step(case)
        step = furthest_step_in_journal(handler.steps.flow, history)
        if isinstance(step, AwaitMessageStep) and is_requested_by_agent(history):
            mail = next(filter(is_message, handler.steps.flow.steps))
            return replace(shown, step=mail, refresh_after=None)
        if step is None or is_message(step) or step is shown.step:
            return shown
        return ShownStep(step=step, facts=shown.facts, case=case.number, message_language=shown.message_language)

    def awaited_message_step(self, case: RecoveryCase, history: Sequence[RecordedEvent]) -> Step | None:
        """Return the step at which the voter reads the awaited message, or None."""
        step = furthest_step_in_journal(self.handler(case.flow).steps.flow, history)
        return step if step is not None and is_message(step) else None

    def is_under_way_from(self, code: str, case: RecoveryCase, history: Sequence[RecordedEvent]) -> bool:
        """Return whether the case is unfinished and has reached this step."""
        furthest = self.awaited_message_step(case, history) or self.page(case, history).step
        codes = [step.code for step in self.handler(case.flow).steps.flow.steps]
        is_reached = code in codes and codes.index(furthest.code) >= codes.index(code)
        return is_reached and not isinstance(furthest, FinalStep)


def is_requested_by_agent(history: Sequence[RecordedEvent]) -> bool:
    """Return whether an agent requested the first message of a case."""
    first = next((written.event for written in history if written.event.act == EventType.ASKED), None)
    return first is not None and first.actor is Actor.AGENT


def furthest_step_in_journal(flow: Flow, history: Sequence[RecordedEvent]) -> Step | None:
    """Return the furthest step reached since the last request, or None."""
    positions = {id(step): position for position, step in enumerate(flow.steps)}
    found: Step | None = None
    for act in (written.event.act for written in history):
        step = flow.reached.get(act)
        if step is None:
            continue
        if act == EventType.ASKED or found is None or positions[id(step)] > positions[id(found)]:
            found = step
    return found


def journal_lines_of_change_notices(history: Sequence[RecordedEvent], changes: Collection[str]) -> frozenset[int]:
    """Return the numbers of journal lines about emails that report a change."""
    found, changed = set[int](), set[str | None]()
    for written in history:
        event = written.event
        if event.act in changes:
            changed.add(event.case)
        elif event.act in {EventType.ASKED, EventType.LINK_DECIDED}:
            changed.discard(event.case)
        elif event.case in changed and event.act in MAIL_EVENTS and event.reason != ACCESS_CHANGED:
            found.add(written.line)
    return frozenset(found)
