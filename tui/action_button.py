"""A button that tells the agent why an action is not possible."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button

from core.desk.actions import VERIFY_FIRST
from core.text.text import Text
from tui import key_bindings
from tui.field_widgets import PlainTextButton
from tui.plain_text_line import PlainTextLine
from tui.translator import Translator


class ActionButtonWithReason(Vertical):
    """A button for an action. If the action is not possible, the button shows why."""

    def __init__(self, translator: Translator, binding: Binding) -> None:
        super().__init__(id=f"action-{binding.action}")
        self.translator = translator
        self.binding = binding
        self.button = PlainTextButton(self._label(Text(binding.description)), Text(binding.tooltip))
        self.reason = PlainTextLine("", "hint")
        self.help_text: tuple[Text, ...] = ()
        """Why the action is not possible. Empty if it is possible."""

    def compose(self) -> ComposeResult:
        yield self.button
        yield self.reason

    def _label(self, label: Text) -> Content:
        key = key_bindings.key_name(self.binding, self.translator)
        return Content.assemble((key, "bold"), "  ", self.translator.say(label))

    def show(self, label: Text, hint: Text | None, *, possible: bool, about: Text | None = None) -> None:
        """Show the button. Below it is the hint, or `about` if there is no hint."""
        self.button.label = self._label(label)
        self.button.set_class(not possible, "-closed")
        self.help_text = () if possible or hint is None else (hint,)
        # Under each button, "verify first" would only repeat what the button that verifies the caller says.
        below = about if hint is None or hint == VERIFY_FIRST else hint
        self.reason.write("" if below is None else self.translator.say(below))
        self.reason.display = below is not None

    def show_description(self) -> None:
        self.show(Text(self.binding.description), Text(self.binding.tooltip), possible=True)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        for owner in (self.screen, self.app):
            if await self.app.run_action(self.binding.action, owner):
                return
