"""F1: what is under the cursor, what this screen is for, and the keys that do something here."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen

from core.text import Text
from core.words import desk as words
from tui import keys
from tui.dialog import Dialog
from tui.line import Line
from tui.sitting import Sitting


class HelpDialog(Dialog[None]):
    """Says it, and closes."""

    CSS_PATH = "help.tcss"
    heading: ClassVar[Text] = words.HELP_TITLE
    explained: ClassVar[Text] = words.KEY_HELP_EXPLAINED

    def __init__(self, sitting: Sitting, about: tuple[Text, ...], bindings: tuple[Binding, ...]) -> None:
        super().__init__(sitting)
        self.about = about
        self.known = bindings

    def inside(self) -> ComposeResult:
        """The thing in focus first."""
        voice = self.sitting.voice
        with VerticalScroll(id="help"):
            for sentence in self.about:
                yield Line(voice.say(sentence), "say")
            yield Line(voice.say(words.HELP_KEYS), "heading")
            for binding in self.known:
                with Horizontal(classes="help-key"):
                    yield Line(keys.name_of(binding, voice), "key-name")
                    yield Line(keys.explanation_of(binding, voice), "key-does")
            yield Line(voice.say(words.HELP_MOVING), "hint")


def about(screen: Screen[object]) -> tuple[Text, ...]:
    """What to say of the thing in focus, then of what it stands in."""
    nodes = [] if screen.focused is None else screen.focused.ancestors_with_self
    explained = (getattr(node, "explained", ()) for node in (*nodes, screen))
    every = (text for each in explained for text in ((each,) if isinstance(each, Text) else each))
    return tuple({text.msgid: text for text in every if text.msgid}.values())


def keys_of(screen: Screen[object]) -> tuple[Binding, ...]:
    """The keys that do something there, those that we explain."""
    return tuple(active.binding for active in keys.own_first(screen.active_bindings.values()))
