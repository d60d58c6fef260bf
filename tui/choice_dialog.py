"""One question with a fixed list of answers: a digit chooses, so that a practised agent looks at nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.text.faces import call_end_and_call_back_texts as words
from core.text.text import Text
from tui import key_bindings
from tui.base_dialog import Dialog
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
NO_DIGIT = " "


@dataclass(frozen=True, slots=True)
class Choice(Generic[T_co]):
    """An answer, its words, and the digit that chooses it, if it has one."""

    value: T_co
    label: Text
    digit: str = NO_DIGIT


def number_choices(pairs: Sequence[tuple[T, Text]]) -> tuple[Choice[T], ...]:
    """Number the answers from 1; a tenth and those after it have no digit."""
    digits = "123456789".ljust(len(pairs), NO_DIGIT)
    return tuple(Choice(value, label, digit) for (value, label), digit in zip(pairs, digits, strict=False))


class ChoiceList(OptionList):
    """The answers."""

    help_text = words.CHOICE_EXPLAINED


class ChoiceDialog(Dialog[T], Generic[T]):
    """Returns the chosen value. Its texts are those of the end of a call, unless others are given."""

    AUTO_FOCUS = "ChoiceList"

    def __init__(
        self,
        session: TerminalSession,
        question: Text,
        choices: Sequence[Choice[T]],
        *,
        heading: Text = words.ENDING_TITLE,
        explained: Text = words.ENDING_EXPLAINED,
        hint: Text = words.CHOICE_HINT,
    ) -> None:
        super().__init__(session)
        self.question = question
        self.choices = tuple(choices)
        self.heading, self.help_text, self.hint = heading, explained, hint

    def compose_body(self) -> ComposeResult:
        """Draw the question, the list and the hint."""
        yield PlainTextLine(self.say(self.question), "say")
        yield ChoiceList(*map(self._option, self.choices), id="choices", markup=False)
        yield PlainTextLine(self.say(self.hint), "hint")

    @property
    def screen_reader_title(self) -> str:
        """The heading and the question."""
        return f"{super().screen_reader_title} {self.say(self.question)}"

    def _option(self, choice: Choice[T]) -> Option:
        return Option(Content.assemble((choice.digit, "bold $accent"), "  ", self.say(choice.label)))

    def on_key(self, event: Key) -> None:
        """Choose by a digit, or go to the next answer that begins with a letter."""
        if event.is_printable and event.character and event.key != key_bindings.CHEAT_SHEET.key:
            event.stop()
            self.handle_character_outside_input(event.character)

    def insert_letter(self, letter: str) -> None:
        """Take what was typed while the dialog was opening."""
        self.handle_character_outside_input(letter)

    def handle_character_outside_input(self, character: str) -> None:
        """Choose the answer of a digit, or highlight one that begins with a letter."""
        for choice in self.choices:
            if character.isdecimal() and choice.digit == character:
                self.dismiss(choice.value)
                return
        options = self.query_one(ChoiceList)
        labels = [self.say(choice.label).casefold() for choice in self.choices]
        after = (options.highlighted or 0) + 1
        order = [*range(after, len(labels)), *range(after)]
        found = next((at for at in order if at < len(labels) and labels[at].startswith(character.casefold())), None)
        if found is not None:
            options.highlighted = found

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the value of the line."""
        self.dismiss(self.choices[event.option_index].value)
