"""What can be typed, from the definitions of the core: one widget a kind of field. Nothing here validates; `parse` does."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from core import words
from core.steps import Field, FieldKind, Form, Rejected, inputs_of
from core.words import desk
from tui.line import Line
from tui.voice import Voice


class Typed(Input):
    """One input, under the name that the definition gives it."""

    explained = desk.TYPED_EXPLAINED

    def __init__(self, name: str, *, typed: str = "", hidden: bool = False, width: str = "wide") -> None:
        super().__init__(typed, id=name, password=hidden, classes=width, select_on_focus=False)


class TypedField(Vertical):
    """A field: its label, its inputs, then its hint, or in its place the sentence of what to type instead."""

    def __init__(self, voice: Voice, each: Field[object]) -> None:
        super().__init__(classes="typed-field")
        self.voice = voice
        self.field = each

    def compose(self) -> ComposeResult:
        """In the order of reading."""
        yield Line(self.voice.say(self.field.label), "label")
        match self.field.kind:
            case FieldKind.ADDRESS | FieldKind.PHONE | FieldKind.NUMEN | FieldKind.CODE:
                yield Typed(self.field.name)
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
        if self.field.again is not None:
            yield Line(self.voice.say(self.field.again), "label")
        yield Typed(second, hidden=True)

    def _three_parts(self) -> ComposeResult:
        labels = (words.DAY, words.MONTH, words.YEAR)
        with Horizontal(classes="parts"):
            for name, label, width in zip(inputs_of(self.field), labels, ("two", "two", "four"), strict=True):
                yield Line(self.voice.say(label), "part-label")
                yield Typed(name, width=width)

    def mend(self, rejected: Rejected | None) -> None:
        """Shows what to type instead, or the hint again."""
        line = self.query_one(".hint", Line)
        line.write(self.voice.say(self.field.hint if rejected is None else rejected.reason))
        line.set_class(rejected is not None, "-wrong")


class TypedForm(Vertical):
    """Fields in order. Enter in one goes to the next, and in the last one submits."""

    def __init__(self, voice: Voice, fields: Iterable[Field[object]]) -> None:
        super().__init__(classes="typed-form")
        self.voice = voice
        self.fields = tuple(fields)

    def compose(self) -> ComposeResult:
        """One after the other."""
        for each in self.fields:
            yield TypedField(self.voice, each)

    @property
    def form(self) -> Form:
        """What was typed, by input name."""
        return {typed.id or "": typed.value for typed in self.query(Typed)}

    def mend(self, problems: Mapping[str, Rejected]) -> None:
        """Shows what to type instead, and goes to the first of it."""
        wrong = [each for each in self.query(TypedField) if each.field.name in problems]
        for each in self.query(TypedField):
            each.mend(problems.get(each.field.name))
        if wrong:
            wrong[0].query(Typed).first().focus()

    def forget(self) -> None:
        """Empties every input: nothing that was typed stays on the screen."""
        for typed in self.query(Typed):
            typed.clear()
        self.query(Typed).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Goes to the next input; the last one lets the message through to the screen."""
        typed = list(self.query(Typed))
        if event.input is not typed[-1]:
            event.stop()
            self.screen.focus_next(Typed)
