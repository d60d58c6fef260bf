"""A question before an action that cannot be undone with a key."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from core.text.faces import desk_terminal_texts as words
from core.text.text import Text
from tui.base_dialog import Dialog
from tui.field_widgets import PlainTextButton
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession


class ConfirmDialog(Dialog[bool]):
    """A dialog that returns True when the agent confirms."""

    heading = words.CONFIRM_TITLE
    help_text = words.CONFIRM_EXPLAINED
    AUTO_FOCUS = "#no"

    def __init__(self, session: TerminalSession, question: Text, yes: Text) -> None:
        super().__init__(session)
        self.question = question
        self.yes = yes

    def compose_body(self) -> ComposeResult:
        """Draw the question and two buttons; the focus is on the one that does nothing."""
        yield PlainTextLine(self.say(self.question), "say")
        yield from self.compose_buttons()

    def compose_buttons(self) -> ComposeResult:
        """Draw the two buttons."""
        with Horizontal(classes="buttons"):
            yield PlainTextButton(self.say(words.KEY_CLOSE), id="no")
            yield PlainTextButton(self.say(self.yes), id="yes")

    @property
    def screen_reader_title(self) -> str:
        """The heading and the question."""
        return f"{super().screen_reader_title} {self.say(self.question)}"

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return the answer."""
        self.dismiss(True if event.button.id == "yes" else None)
