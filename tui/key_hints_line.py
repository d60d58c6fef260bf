"""The line of keys at the bottom of a screen."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tui import key_bindings
from tui.terminal_session import TerminalSession

KEY_PADDING = 3
"""The columns around a key and its word."""
KeyEntry = tuple[str, str, str, str, bool, str]
"""A key, its name, its label, its action, whether it is disabled, and what it does in a sentence."""


class KeyHintsLine(Footer):
    """The keys that do something now, in the agent's language, on as many lines as they need; one that cannot be used now is dim."""

    def __init__(self, session: TerminalSession) -> None:
        super().__init__()
        self.session = session
        self._drawn: list[list[KeyEntry]] = []

    def compose(self) -> ComposeResult:
        """Draw each key."""
        self._drawn = self._lines()
        for line in self._drawn:
            yield Horizontal(*(FooterKey(*entry) for entry in line), classes="keys")

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.bindings_changed(self.screen)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Draw again only what changed: Textual calls this each time the focus moves."""
        if self._lines() != self._drawn:
            super().bindings_changed(screen)

    def _lines(self) -> list[list[KeyEntry]]:
        """Put each key on the first line that has room for it after those before it."""
        lines, room = list[list[KeyEntry]](), 0
        for entry in self._entries():
            needed = cell_len(entry[1]) + cell_len(entry[2]) + KEY_PADDING
            if needed > room:
                lines.append([])
                room = self.app.size.width
            lines[-1].append(entry)
            room -= needed
        return lines

    def _entries(self) -> list[KeyEntry]:
        translator = self.session.translator
        return [
            (
                binding.key,
                key_bindings.key_name(binding, translator),
                key_bindings.short_action_label(binding, translator),
                binding.action,
                not enabled,
                key_bindings.action_explanation(binding, translator),
            )
            for _, binding, enabled, _ in self.screen.active_bindings.values()
            if binding.show
        ]
