"""A dialog: a box over the screen, typed by what it returns. Its own key line hides the inactive one beneath."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from core.text.text import Text
from tui import key_bindings
from tui.base_screen import BaseScreen, NoticeLine
from tui.field_widgets import FieldInput
from tui.plain_text_line import PlainTextLine

R = TypeVar("R")


class Dialog(BaseScreen[R | None], ModalScreen[R | None]):
    """A dialog that returns an R, or None when it is closed without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.CLOSE]
    heading: Text
    late_answer: tuple[R | None] | None = None
    """The answer that came while another screen was in front."""

    def compose(self) -> ComposeResult:
        """Draw the box and the key line."""
        yield from self.compose_warnings()
        with Vertical(id="dialog"):
            yield PlainTextLine(self.say(self.heading), id="dialog-title")
            yield from self.compose_body()
            yield NoticeLine("", id="notice")
        yield from self.compose_foot()

    @property
    def screen_reader_title(self) -> str:
        """The heading."""
        return self.say(self.heading)

    def insert_letter(self, letter: str) -> None:
        """Insert a letter or digit that was typed while the dialog was opening."""
        inputs = self.query(FieldInput)
        if not inputs:
            return
        field = self.focused if isinstance(self.focused, FieldInput) else inputs.first()
        if field.maximum_digits is not None:
            self.set_focus(field.take_digit(letter))
        else:
            field.insert_text_at_cursor(letter)

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Close with this answer: at once, or when the help or the lock in front, which Textual would close instead, is gone."""
        if self.is_active:
            return super().dismiss(result)
        self.late_answer = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Close with an answer that came late."""
        if self.late_answer is not None:
            self.dismiss(*self.late_answer)

    def action_back(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
