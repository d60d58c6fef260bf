"""What is numbered at a step: in its picture, and in its instructions, so that both agree by construction."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.steps import Act, Channel, Field, FieldKind, Step, Wait, inputs_of
from core.text import Text
from core.words import CASE_NUMBER
from core.words import guides as words


class Target(StrEnum):
    """What sort of thing a number points to."""

    FIELD = "field"
    ACT = "act"
    MESSAGE = "message"
    """On the page of a Wait: the words under which the message is found."""
    CASE = "case"
    """On the page of a Wait: the number to keep."""
    LINK = "link"
    """In a message: its one link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One numbered thing.

    `name` is the id of an input (for a birth date, the field's name: all its inputs), or the name of an act.
    `label` is read on the screen beside it or on it; `instruction` says what to do with it.
    """

    number: int
    target: Target
    name: str
    label: Text
    instruction: Text
    act: str = ""
    """The act it belongs to."""


def marks_of(step: Step) -> tuple[Marked, ...]:
    """The numbered things of a step, in the order of its page."""
    return tuple(
        Marked(number=number, target=target, name=name, label=label, instruction=instruction, act=act)
        for number, (target, name, label, instruction, act) in enumerate(_things(step), start=1)
    )


Thing = tuple[Target, str, Text, Text, str]


def _things(step: Step) -> Iterator[Thing]:
    if isinstance(step, Wait):
        yield from _of_a_wait(step)
    for act in step.acts:
        yield from _of_an_act(act)


def _of_a_wait(step: Wait) -> Iterator[Thing]:
    subject = step.message.subject
    if not step.elsewhere:
        yield Target.MESSAGE, "", subject, _instruction(step).fill({"subject": subject}), ""
        yield Target.CASE, "", CASE_NUMBER, words.NOTE_THE_CASE, ""
    elif step.message.action is not None:
        action = step.message.action
        yield Target.LINK, "", action, words.CHOOSE.fill({"act": action}), ""


def _instruction(step: Wait) -> Text:
    match step.message.channel:
        case Channel.MAIL:
            return words.FIND_THE_MESSAGE
        case Channel.SMS:
            return words.AWAIT_THE_SMS


def _of_an_act(act: Act[object]) -> Iterator[Thing]:
    for each in act.fields:
        yield from _of_a_field(each, act)
    yield Target.ACT, act.name, act.label, words.CHOOSE.fill({"act": act.label}), act.name


def _of_a_field(each: Field[object], act: Act[object]) -> Iterator[Thing]:
    names = (each.name,) if each.kind is FieldKind.BIRTH_DATE else inputs_of(each)
    labels = (each.label,) if each.again is None else (each.label, each.again)
    for name, label in zip(names, labels, strict=True):
        yield Target.FIELD, name, label, words.FILL_IN.fill({"field": label}), act.name
