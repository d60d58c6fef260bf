"""What an agent may do here: each act with its key, and under one that is not possible, why."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button

from core.text import Text
from tui import keys
from tui.fields import ActButton
from tui.line import Line
from tui.voice import Voice


class Deed(Vertical):
    """One act. Its button can always be reached: pressed when it is not possible, it says why."""

    def __init__(self, voice: Voice, binding: Binding) -> None:
        super().__init__(id=f"deed-{binding.action}")
        self.voice = voice
        self.binding = binding
        self.button = ActButton(self._written(Text(binding.description)), Text(binding.tooltip))
        self.reason = Line("", "hint")
        self.explained: tuple[Text, ...] = ()
        """Why it is not possible, where it is not."""

    def compose(self) -> ComposeResult:
        """The button, and the line for a reason."""
        yield self.button
        yield self.reason

    def _written(self, label: Text) -> Content:
        return Content.assemble((keys.name_of(self.binding, self.voice), "bold"), "  ", self.voice.say(label))

    def show(self, label: Text, under: Text | None, *, possible: bool) -> None:
        """How it stands now: its words, and what is to be said under it."""
        self.button.say(self._written(label))
        self.button.set_class(not possible, "-closed")
        self.explained = () if possible or under is None else (under,)
        self.reason.write("" if under is None else self.voice.say(under))
        self.reason.display = under is not None

    def explain(self) -> None:
        """What the key does, in a sentence."""
        self.show(Text(self.binding.description), Text(self.binding.tooltip), possible=True)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """As its key, whoever has it: the screen or the app."""
        event.stop()
        for owner in (self.screen, self.app):
            if await self.app.run_action(self.binding.action, owner):
                return
