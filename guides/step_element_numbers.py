"""Numbers the elements of a step for pictures and instructions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.forms.flow_model import RESUME, Action, AwaitMessageStep, Channel, ChooseStep, FieldKind, Step, input_names
from core.text.faces import help_page_texts as words
from core.text.faces.page_frame_texts import CASE_NUMBER
from core.text.text import Text

INSTRUCTIONS: Mapping[FieldKind, Text] = {
    FieldKind.CHECK: words.TICK,
    FieldKind.CHOICE: words.CHOOSE_IN,
    FieldKind.CASE_NUMBER: words.FILL_IN_IF_KNOWN,
}
ARRIVALS: Mapping[Channel, Text] = {Channel.MAIL: words.FIND_THE_MESSAGE, Channel.SMS: words.AWAIT_THE_SMS}


class CalloutTargetKind(StrEnum):
    FIELD = "field"
    ACT = "act"
    MESSAGE = "message"
    CASE = "case"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedStepElement:
    """A numbered field, button, link or text. `instruction` is for the voter."""

    number: int
    target: CalloutTargetKind
    name: str
    label: Text
    instruction: Text
    act: str = ""


def pictured_actions(step: Step) -> tuple[Action[object], ...]:
    """Return all actions except RESUME, which is possible only while a request is waiting.

    Of several choices, those without fields come first: the help is read by people who cannot fill in the fields.
    """
    actions = [act for act in step.actions if act.name != RESUME]
    return tuple(sorted(actions, key=lambda act: bool(act.fields)) if isinstance(step, ChooseStep) else actions)


def numbered_elements_of_step(step: Step) -> tuple[NumberedStepElement, ...]:
    return tuple(
        NumberedStepElement(number=number, target=target, name=name, label=label, instruction=instruction, act=act)
        for number, (target, name, label, instruction, act) in enumerate(_elements(step), start=1)
    )


def _elements(step: Step) -> Iterator[tuple[CalloutTargetKind, str, Text, Text, str]]:
    if isinstance(step, AwaitMessageStep):
        subject, action = step.message.subject, step.message.action
        if not step.elsewhere:
            instruction = ARRIVALS[step.message.channel].fill({"subject": subject})
            yield CalloutTargetKind.MESSAGE, "", subject, instruction, ""
            yield CalloutTargetKind.CASE, "", CASE_NUMBER, words.NOTE_THE_CASE, ""
        elif action is not None:
            yield CalloutTargetKind.LINK, "", action, words.OPEN_LINK.fill({"act": action}), ""
    for act in pictured_actions(step):
        for each in act.fields:
            names = (each.name,) if each.kind is FieldKind.BIRTH_DATE else input_names(each)
            labels = (each.label,) if each.again is None else (each.label, each.again)
            instruction = INSTRUCTIONS.get(each.kind, words.FILL_IN)
            for name, label in zip(names, labels, strict=True):
                yield CalloutTargetKind.FIELD, name, label, instruction.fill({"field": label}), act.name
        yield CalloutTargetKind.ACT, act.name, act.label, words.CHOOSE.fill({"act": act.label}), act.name
