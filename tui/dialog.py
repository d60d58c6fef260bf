"""A dialog: a box over the screen, typed by what it returns. Its own foot line hides the one beneath, which is asleep."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from core.text import Text
from tui import keys
from tui.fields import Typed
from tui.frame import Asking, KeyLine, Notice
from tui.line import Line

R = TypeVar("R")


class Dialog(Asking[R | None], ModalScreen[R | None]):
    """Returns an R, or None when it is closed without one."""

    BINDINGS: ClassVar[list[BindingType]] = [keys.CLOSE]
    heading: ClassVar[Text]

    def compose(self) -> ComposeResult:
        """The box, and the foot line."""
        yield self.too_small()
        yield self.lost_line()
        with Vertical(id="dialog"):
            yield Line(self.title_line(), id="dialog-title")
            yield from self.inside()
            yield Notice("", id="notice")
        yield KeyLine(self.sitting)

    def title_line(self) -> str:
        """What the box is called."""
        return self.say(self.heading)

    def take(self, letter: str) -> None:
        """A letter typed while the box was opening."""
        typed = self.query(Typed)
        if typed:
            typed.first().insert_text_at_cursor(letter)

    def action_back(self) -> None:
        """Closes without an answer."""
        self.dismiss(None)
