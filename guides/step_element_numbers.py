"""The numbered elements of a step, shared by its picture and its instructions so that both agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.forms.flow_model import Action, AwaitMessageStep, Channel, Field, FieldKind, Step, input_names
from core.text.faces import help_page_texts as words
from core.text.faces.page_frame_texts import CASE_NUMBER
from core.text.text import Text

INSTRUCTIONS: Mapping[FieldKind, Text] = {
    FieldKind.CHECK: words.TICK,
    FieldKind.CHOICE: words.CHOOSE_IN,
    FieldKind.CASE_NUMBER: words.FILL_IN_IF_KNOWN,
}


class CalloutTargetKind(StrEnum):
    """The kinds of element that a number points to."""

    FIELD = "field"
    ACT = "act"
    MESSAGE = "message"
    """On the page of a Wait: the words under which the message is found."""
    CASE = "case"
    """On the page of a Wait: the case number to keep."""
    LINK = "link"
    """In a message: its one link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedStepElement:
    """One numbered element.

    `name` is the id of an input (for a birth date, the field's name, which stands for all its inputs), or the name of an action.
    `label` is what the screen shows on or beside it; `instruction` says what to do with it.
    """

    number: int
    target: CalloutTargetKind
    name: str
    label: Text
    instruction: Text
    act: str = ""
    """The action that it belongs to."""


def numbered_elements_of_step(step: Step) -> tuple[NumberedStepElement, ...]:
    """Return the numbered elements of a step, in the order of its page."""
    return tuple(
        NumberedStepElement(number=number, target=target, name=name, label=label, instruction=instruction, act=act)
        for number, (target, name, label, instruction, act) in enumerate(_things(step), start=1)
    )


Thing = tuple[CalloutTargetKind, str, Text, Text, str]


def _things(step: Step) -> Iterator[Thing]:
    if isinstance(step, AwaitMessageStep):
        yield from _of_a_wait(step)
    for act in step.actions:
        yield from _of_an_act(act)


def _of_a_wait(step: AwaitMessageStep) -> Iterator[Thing]:
    subject = step.message.subject
    if not step.elsewhere:
        yield CalloutTargetKind.MESSAGE, "", subject, _instruction(step).fill({"subject": subject}), ""
        yield CalloutTargetKind.CASE, "", CASE_NUMBER, words.NOTE_THE_CASE, ""
    elif step.message.action is not None:
        action = step.message.action
        yield CalloutTargetKind.LINK, "", action, words.CHOOSE.fill({"act": action}), ""


def _instruction(step: AwaitMessageStep) -> Text:
    match step.message.channel:
        case Channel.MAIL:
            return words.FIND_THE_MESSAGE
        case Channel.SMS:
            return words.AWAIT_THE_SMS


def _of_an_act(act: Action[object]) -> Iterator[Thing]:
    for each in act.fields:
        yield from _of_a_field(each, act)
    yield CalloutTargetKind.ACT, act.name, act.label, words.CHOOSE.fill({"act": act.label}), act.name


def _of_a_field(each: Field[object], act: Action[object]) -> Iterator[Thing]:
    names = (each.name,) if each.kind is FieldKind.BIRTH_DATE else input_names(each)
    labels = (each.label,) if each.again is None else (each.label, each.again)
    instruction = INSTRUCTIONS.get(each.kind, words.FILL_IN)
    for name, label in zip(names, labels, strict=True):
        yield CalloutTargetKind.FIELD, name, label, instruction.fill({"field": label}), act.name
