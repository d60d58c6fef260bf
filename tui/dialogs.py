"""Base classes for dialogs with choices or a confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from core.text.faces import call_end_texts as words
from core.text.faces import desk_terminal_texts
from core.text.text import Text
from tui import key_bindings
from tui.base_screen import BaseScreen, NoticeLine
from tui.field_widgets import PlainTextButton
from tui.plain_text_line import PlainTextLine, wrap_with_indent
from tui.terminal_session import TerminalSession

R = TypeVar("R")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
NO_DIGIT = " "
LABEL_INDENT = 3


class Dialog(BaseScreen[R | None], ModalScreen[R | None]):
    """A dialog that returns a value of type R, or None if the agent closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.CLOSE]
    heading: Text
    question: Text | None = None
    late_answer: tuple[R | None] | None = None
    """Holds an answer that arrived while another screen covered the dialog."""

    def compose(self) -> ComposeResult:
        yield from self.compose_warnings()
        with Vertical(id="dialog"):
            yield PlainTextLine(self.say(self.heading), id="dialog-title")
            yield from self.compose_body()
            yield NoticeLine("", id="notice")
        yield from self.compose_foot()

    @property
    def screen_reader_title(self) -> str:
        return " ".join(self.say(each) for each in (self.heading, self.question) if each is not None)

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Close the dialog as soon as it is the top screen."""
        if self.is_active:
            return super().dismiss(result)
        self.late_answer = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        if self.late_answer is not None:
            self.dismiss(*self.late_answer)

    def action_back(self) -> None:
        self.dismiss(None)


@dataclass(frozen=True, slots=True)
class Choice(Generic[T_co]):
    value: T_co
    label: Text
    digit: str = NO_DIGIT
    possible: bool = True


def number_choices(pairs: Sequence[tuple[T, Text]]) -> tuple[Choice[T], ...]:
    """Turn (value, label) pairs into choices. The first nine get the digits 1 to 9."""
    digits = "123456789".ljust(len(pairs), NO_DIGIT)
    return tuple(Choice(value, label, digit) for (value, label), digit in zip(pairs, digits, strict=False))


class ChoiceList(OptionList):
    help_text = words.CHOICE_EXPLAINED


class ChoiceDialog(Dialog[T], Generic[T]):
    AUTO_FOCUS = "ChoiceList"
    question: Text

    def __init__(
        self,
        session: TerminalSession,
        question: Text,
        choices: Sequence[Choice[T]],
        *,
        heading: Text = words.ENDING_TITLE,
        explained: Text = words.ENDING_EXPLAINED,
        hint: Text = words.CHOICE_HINT,
        highlighted: int | None = 0,
    ) -> None:
        super().__init__(session)
        self.question = question
        self.choices = tuple(choices)
        self.heading, self.help_text, self.hint = heading, explained, hint
        self.highlighted = highlighted

    def compose_body(self) -> ComposeResult:
        yield PlainTextLine(self.say(self.question), "say")
        options = (Option(self._label(each), disabled=not each.possible) for each in self.choices)
        choices = ChoiceList(*options, id="choices", markup=False)
        choices.highlighted = self.highlighted
        yield choices
        yield PlainTextLine(self.say(self.hint), "hint")

    def _label(self, choice: Choice[T], width: int = 0) -> Content:
        label = f"{choice.digit}  {self.say(choice.label)}"
        return Content(wrap_with_indent(label, LABEL_INDENT, width)).stylize("bold", 0, 1)

    def draw(self) -> None:
        for options in self.query(ChoiceList):  # there is none if the dialog was closed
            for position, choice in enumerate(self.choices):
                label = self._label(choice, options.scrollable_content_region.width - 1)
                options.replace_option_prompt_at_index(position, label)

    def on_key(self, event: Key) -> None:
        """Select a choice by its digit. If some choices have no digit, highlight a choice by its first letter."""
        letter = event.character
        if letter is None or not event.is_printable:
            return
        for choice in self.choices:
            if letter.isdecimal() and choice.digit == letter:
                self.dismiss(choice.value)
                return
        if NO_DIGIT not in {choice.digit for choice in self.choices}:
            return
        options = self.query_one(ChoiceList)
        labels = [self.say(choice.label).casefold() for choice in self.choices]
        after = (options.highlighted or 0) + 1
        order = [*range(after, len(labels)), *range(after)]
        found = next((at for at in order if at < len(labels) and labels[at].startswith(letter.casefold())), None)
        if found is not None:
            options.highlighted = found

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices[event.option_index].value)


class ConfirmDialog(Dialog[bool]):
    heading = desk_terminal_texts.CONFIRM_TITLE
    help_text = desk_terminal_texts.CONFIRM_EXPLAINED
    AUTO_FOCUS = "#no"
    question: Text

    def __init__(self, session: TerminalSession, question: Text, yes: Text) -> None:
        super().__init__(session)
        self.question = question
        self.yes = yes

    def compose_body(self) -> ComposeResult:
        yield PlainTextLine(self.say(self.question), "say")
        yield from self.compose_buttons()

    def compose_buttons(self) -> ComposeResult:
        with Horizontal(classes="buttons"):
            yield PlainTextButton(self.say(desk_terminal_texts.CANCEL), id="no")
            yield PlainTextButton(self.say(self.yes), id="yes")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(True if event.button.id == "yes" else None)
