"""A question before an act that is not undone with a key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import ActButton
from tui.line import Line
from tui.sitting import Sitting


class Confirm(Dialog[bool]):
    """Returns True, or nothing."""

    heading: ClassVar[Text] = words.CONFIRM_TITLE
    explained: ClassVar[Text] = words.CONFIRM_EXPLAINED
    AUTO_FOCUS = "#no"

    def __init__(self, sitting: Sitting, question: str, yes: Text) -> None:
        super().__init__(sitting)
        self.question = question
        self.yes = yes

    def inside(self) -> ComposeResult:
        """The question, and the two ways; the careful one is under the cursor."""
        yield Line(self.question, "say")
        with Horizontal(classes="buttons"):
            yield ActButton(self.say(words.KEY_CLOSE), id="no")
            yield ActButton(self.say(self.yes), id="yes")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """One or the other."""
        if event.button.id == "yes":
            self.dismiss(True)  # noqa: FBT003  # Textual's own signature
        else:
            self.action_back()
