"""Widgets for the form fields that `core` defines. Only the fields' `parse` functions validate input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, assert_never

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Paste
from textual.message import Message
from textual.widgets import Button, Input

from core.forms.field_parsers import is_criterion_met
from core.forms.flow_model import (
    Action,
    Field,
    FieldKind,
    FieldRejected,
    Form,
    FormErrors,
    PasswordCriterion,
    input_names,
)
from core.text.faces import desk_terminal_texts
from core.text.faces import page_frame_texts as words
from core.text.text import Text
from tui import key_bindings
from tui.plain_text_line import PlainTextLine, plain_text
from tui.translator import Translator

DIGITS_OF_PART, DIGITS_OF_YEAR = 2, 4


class FieldInput(Input):
    """A text input for a form field, or for one part of a date."""

    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.SUBMIT]

    def __init__(
        self, name: str, *, typed: str = "", hidden: bool = False, kind: str = "", placeholder: str = ""
    ) -> None:
        super().__init__(typed, placeholder, id=name, password=hidden, classes=kind, select_on_focus=False)

    @property
    def form(self) -> "ActionForm | None":
        return next((each for each in self.ancestors if isinstance(each, ActionForm)), None)

    @property
    def has_next_part(self) -> bool:
        return self.has_class("day") or self.has_class("month")

    @property
    def maximum_digits(self) -> int | None:
        """Maximum number of digits in this part of a date. None for other inputs."""
        if self.has_next_part:
            return DIGITS_OF_PART
        return DIGITS_OF_YEAR if self.has_class("year") else None

    def take_digit(self, digit: str) -> "FieldInput":
        """Insert a digit into this input. If this input is full, use the next one. Returns the changed input."""
        taker = self
        if (
            self.maximum_digits is not None
            and len(self.value) >= self.maximum_digits
            and not self.selected_text
            and self.form is not None
        ):
            inputs = list(self.form.query(FieldInput))
            taker = inputs[min(inputs.index(self) + 1, len(inputs) - 1)]
        taker.insert_text_at_cursor(digit)
        return taker

    @property
    def parts(self) -> "list[FieldInput]":
        return list(self.query_ancestor(FieldWidget).query(FieldInput))

    def _on_paste(self, event: Paste) -> None:
        pasted = self.has_next_part and date_parts(event.text)
        if not pasted:
            return
        event.stop()
        event.prevent_default()
        for part, digits in zip(self.parts, pasted, strict=True):
            part.value = digits
        self.parts[-1].focus()


def date_parts(text: str) -> tuple[str, str, str] | None:
    """Split a date into (day, month, year). Returns None if the text is not a date."""
    numbers = re.findall(r"\d+", text)
    match [len(each) for each in numbers]:
        case [8]:
            return numbers[0][:2], numbers[0][2:4], numbers[0][4:]
        case [1 | 2, 1 | 2, 4]:
            return numbers[0], numbers[1], numbers[2]
        case [4, 1 | 2, 1 | 2]:
            return numbers[2], numbers[1], numbers[0]
        case _:
            return None


class PlainTextButton(Button):
    """A button that does not parse its label as markup."""

    def __init__(
        self, label: str | Content, help_text: Text = desk_terminal_texts.BUTTON_EXPLAINED, *, id: str | None = None
    ) -> None:
        super().__init__(plain_text(label), id=id)
        self.help_text = (help_text,)


class FieldWidget(Vertical):
    def __init__(self, translator: Translator, each: Field[object]) -> None:
        super().__init__(classes="typed-field")
        self.translator = translator
        self.field = each
        self.help_text = (each.label, each.hint, desk_terminal_texts.TYPED_EXPLAINED)

    def compose(self) -> ComposeResult:
        yield PlainTextLine(self.translator.say(self.field.label), "label")
        match self.field.kind:
            case (
                FieldKind.ADDRESS
                | FieldKind.PHONE
                | FieldKind.NUMEN
                | FieldKind.CODE
                | FieldKind.CASE_NUMBER
                # No form of the terminal has a field of these kinds.
                | FieldKind.CHECK
                | FieldKind.CHOICE
            ):
                yield FieldInput(self.field.name, kind=self.field.kind.value)
            case FieldKind.SECRET:
                yield FieldInput(self.field.name, hidden=True)
            case FieldKind.NEW_SECRET:
                yield from self._new_secret()
            case FieldKind.BIRTH_DATE:
                yield from self._date()
            case _:
                assert_never(self.field.kind)
        yield PlainTextLine(self.translator.say(self.field.hint), "hint")

    def _new_secret(self) -> ComposeResult:
        first, second = input_names(self.field)
        yield FieldInput(first, hidden=True)
        for rule in self.field.criteria:
            yield PlainTextLine(self._ticked(rule, ""), "criterion")
        if self.field.again is not None:
            yield PlainTextLine(self.translator.say(self.field.again), "label")
        yield FieldInput(second, hidden=True)

    def _date(self) -> ComposeResult:
        parts = (("day", words.DAY), ("month", words.MONTH), ("year", words.YEAR))
        with Horizontal(classes="parts"):
            for name, (part, label) in zip(input_names(self.field), parts, strict=True):
                yield PlainTextLine(self.translator.say(label), "part-label")
                yield FieldInput(name, kind=part)

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.field.criteria and event.input.id == input_names(self.field)[0]:
            for rule, line in zip(self.field.criteria, self.query(".criterion").results(PlainTextLine), strict=True):
                line.write(self._ticked(rule, event.value))

    def _ticked(self, rule: PasswordCriterion, typed: str) -> str:
        mark, state = ("✓", words.CRITERION_MET) if is_criterion_met(rule, typed) else ("○", words.CRITERION_UNMET)
        return f"{mark} {self.translator.say(rule.sentence)} {self.translator.say(state)}"

    def show_problem(self, rejected: FieldRejected | None) -> None:
        line = self.query_one(".hint", PlainTextLine)
        line.write(self.translator.say(self.field.hint if rejected is None else rejected.reason))
        line.set_class(rejected is not None, "-wrong")


class ActionForm(Vertical):
    """The form for an action. Enter moves to the next field. In the last field, Enter submits the form."""

    @dataclass
    class Answered(Message):
        """Sent when the agent has submitted a valid form. `answer` contains the parsed data."""

        form: "ActionForm"
        answer: object

    def __init__(self, translator: Translator, action: Action[Any]) -> None:
        super().__init__(classes="action-form")
        self.translator = translator
        self.action = action

    def is_last_input(self, typed: FieldInput) -> bool:
        return typed is self.query(FieldInput).last()

    def compose(self) -> ComposeResult:
        for each in self.action.fields:
            yield FieldWidget(self.translator, each)
        yield PlainTextButton(self.translator.say(self.action.label))

    @property
    def typed(self) -> Form:
        return {each.id or "": each.value for each in self.query(FieldInput)}

    def submit(self) -> None:
        try:
            answer = self.action.read(self.typed)
        except FormErrors as problems:
            self.show_problems(problems.by_field)
        else:
            self.show_problems({})
            self.post_message(self.Answered(self, answer))

    def show_problems(self, problems: Mapping[str, FieldRejected]) -> None:
        wrong = [each for each in self.query(FieldWidget) if each.field.name in problems]
        for each in self.query(FieldWidget):
            each.show_problem(problems.get(each.field.name))
        if wrong:
            wrong[0].query(FieldInput).first().focus()

    def clear_secrets(self) -> None:
        """Clear every input except names and addresses, and focus the first cleared input."""
        secrets = [each for each in self.query(FieldInput) if not each.has_class(FieldKind.ADDRESS.value)]
        for each in secrets:
            each.clear()
        secrets[0].focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.submit()
