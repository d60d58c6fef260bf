"""What can be typed, from the definitions of the core: one widget a kind of field. Nothing here validates; `parse` does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input

from core import words
from core.answers import met
from core.steps import Act, Criterion, Field, FieldKind, Form, Problems, Rejected, inputs_of
from core.text import Text
from core.words import desk
from tui.line import Line, plain
from tui.voice import Voice


class Typed(Input):
    """One input, under the name that the definition gives it."""

    def __init__(
        self, name: str, *, typed: str = "", hidden: bool = False, kind: str = "", placeholder: str = ""
    ) -> None:
        super().__init__(typed, placeholder, id=name, password=hidden, classes=kind, select_on_focus=False)

    @property
    def is_followed(self) -> bool:
        """Whether it is a part of a date, with another after it."""
        return self.has_class("day") or self.has_class("month")


class ActButton(Button):
    """A button; its words are never markup."""

    def __init__(
        self, written: str | Content, explained: Text = desk.BUTTON_EXPLAINED, *, id: str | None = None
    ) -> None:
        super().__init__(plain(written), id=id)
        self.explained = (explained,)

    def say(self, written: str | Content) -> None:
        """Other words on it."""
        self.label = plain(written)


class TypedField(Vertical):
    """A field: its label, its inputs, then its hint, or in its place the sentence of what to type instead."""

    def __init__(self, voice: Voice, each: Field[object]) -> None:
        super().__init__(classes="typed-field")
        self.voice = voice
        self.field = each
        self.explained = (each.label, each.hint, desk.TYPED_EXPLAINED)

    def compose(self) -> ComposeResult:
        """In the order of reading."""
        yield Line(self.voice.say(self.field.label), "label")
        match self.field.kind:
            case FieldKind.ADDRESS | FieldKind.PHONE | FieldKind.NUMEN | FieldKind.CODE:
                yield Typed(self.field.name, kind=self.field.kind.value)
            case FieldKind.SECRET:
                yield Typed(self.field.name, hidden=True)
            case FieldKind.NEW_SECRET:
                yield from self._twice()
            case FieldKind.BIRTH_DATE:
                yield from self._three_parts()
            case _:
                assert_never(self.field.kind)
        yield Line(self.voice.say(self.field.hint), "hint")

    def _twice(self) -> ComposeResult:
        first, second = inputs_of(self.field)
        yield Typed(first, hidden=True)
        for rule in self.field.criteria:
            yield Line(self._ticked(rule, ""), "criterion")
        if self.field.again is not None:
            yield Line(self.voice.say(self.field.again), "label")
        yield Typed(second, hidden=True)

    def _three_parts(self) -> ComposeResult:
        parts = (("day", words.DAY), ("month", words.MONTH), ("year", words.YEAR))
        with Horizontal(classes="parts"):
            for name, (part, label) in zip(inputs_of(self.field), parts, strict=True):
                yield Line(self.voice.say(label), "part-label")
                yield Typed(name, kind=part)

    def on_input_changed(self, event: Input.Changed) -> None:
        """The rules tick while one types."""
        if self.field.criteria and event.input.id == inputs_of(self.field)[0]:
            for rule, line in zip(self.field.criteria, self.query(".criterion").results(Line), strict=True):
                line.write(self._ticked(rule, event.value))

    def _ticked(self, rule: Criterion, typed: str) -> str:
        mark, state = ("✓", words.CRITERION_MET) if met(rule, typed) else ("○", words.CRITERION_UNMET)
        return f"{mark} {self.voice.say(rule.sentence)} {self.voice.say(state)}"

    def mend(self, rejected: Rejected | None) -> None:
        """Shows what to type instead, or the hint again."""
        line = self.query_one(".hint", Line)
        line.write(self.voice.say(self.field.hint if rejected is None else rejected.reason))
        line.set_class(rejected is not None, "-wrong")


class ActForm(Vertical):
    """An act: its fields in order, then its button. Enter in a field goes to the next one, in the last it is the button."""

    @dataclass
    class Answered(Message):
        """It was read: the answer that the act makes."""

        form: "ActForm"
        answer: object

    def __init__(self, voice: Voice, act: Act[Any]) -> None:
        super().__init__(classes="act-form")
        self.voice = voice
        self.act = act

    def compose(self) -> ComposeResult:
        """One after the other."""
        for each in self.act.fields:
            yield TypedField(self.voice, each)
        yield ActButton(self.voice.say(self.act.label))

    @property
    def typed(self) -> Form:
        """What was typed, by input name."""
        return {typed.id or "": typed.value for typed in self.query(Typed)}

    def submit(self) -> None:
        """Reads what was typed: an answer, or what to mend."""
        try:
            answer = self.act.read(self.typed)
        except Problems as problems:
            self.mend(problems.by_field)
        else:
            self.mend({})
            self.post_message(self.Answered(self, answer))

    def mend(self, problems: Mapping[str, Rejected]) -> None:
        """Shows what to type instead, and goes to the first of it."""
        wrong = [each for each in self.query(TypedField) if each.field.name in problems]
        for each in self.query(TypedField):
            each.mend(problems.get(each.field.name))
        if wrong:
            wrong[0].query(Typed).first().focus()

    def forget(self) -> None:
        """Empties what was typed, but for a name or an address: a secret, a code, an answer is typed anew."""
        again = [typed for typed in self.query(Typed) if not typed.has_class(FieldKind.ADDRESS.value)]
        for typed in again:
            typed.clear()
        again[0].focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """On to the next input; in the last one, the button."""
        event.stop()
        if event.input is self.query(Typed).last():
            self.submit()
        else:
            self.screen.focus_next(Typed)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The button."""
        event.stop()
        self.submit()
