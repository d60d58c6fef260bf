"""The keys of the screen beneath by their names, on one page."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import ItemGrid

from core.text.faces import desk_terminal_texts as words
from tui import key_bindings
from tui.base_dialog import Dialog
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession


class CheatSheet(Dialog[None]):
    """A dialog that shows keys and returns nothing."""

    CSS_PATH = "cheat_sheet.tcss"
    heading = words.CHEAT_SHEET_TITLE
    help_text = words.KEY_CHEAT_SHEET_EXPLAINED

    def __init__(self, session: TerminalSession, bindings: tuple[Binding, ...]) -> None:
        super().__init__(session)
        everywhere = {binding.action for binding in key_bindings.EVERYWHERE}
        self.groups = (
            (words.HELP_KEYS, tuple(each for each in bindings if each.action not in everywhere)),
            (words.KEYS_EVERYWHERE, tuple(each for each in bindings if each.action in everywhere)),
        )

    def compose_body(self) -> ComposeResult:
        """Draw the keys of that screen, then those of every screen."""
        translator = self.session.translator
        for title, bindings in self.groups:
            if bindings:
                yield PlainTextLine(self.say(title), "heading")
                with ItemGrid(min_column_width=34):
                    for binding in bindings:
                        key, label = (
                            key_bindings.key_name(binding, translator),
                            key_bindings.action_label(binding, translator),
                        )
                        yield PlainTextLine(f"{key:<8} {label}", "key")
        yield PlainTextLine(self.say(words.HELP_MOVING), "hint")
