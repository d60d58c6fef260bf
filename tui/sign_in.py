"""Signing in: name, password, and the six digits of the agent's application."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button

from core.text import Text
from core.words import desk as words
from tui.fields import Typed
from tui.frame import Asking
from tui.line import Line


class SignIn(Asking[None]):
    """The first screen."""

    CSS_PATH = "sign_in.tcss"
    explained: ClassVar[Text] = words.SIGN_IN_EXPLAINED
    AUTO_FOCUS = "#name"

    def inside(self) -> ComposeResult:
        """A narrow column in the middle."""
        with Vertical(id="column"):
            yield Line("Retrouve", id="brand")
            yield Line(self.sitting.house.election.name, id="election")
            yield Line(self.say(words.SIGN_IN_TITLE), "heading")
            yield Line(self.say(words.AGENT_NAME), "label")
            yield Typed("name")
            yield Line(self.say(words.AGENT_PASSWORD), "label")
            yield Typed("password", hidden=True)
            yield Line(self.say(words.AGENT_CODE), "label")
            yield Typed("code", width="six")
            yield Button(self.say(words.SIGN_IN), id="sign-in")
