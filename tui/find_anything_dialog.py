"""Finds a voter, a case, a step or a message from any screen."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core.text.faces import desk_terminal_texts as words
from tui import key_bindings
from tui.base_dialog import Dialog
from tui.search_panel import SearchPanel
from tui.terminal_session import TerminalSession


class FindAnythingDialog(Dialog[SearchPanel.Chosen]):
    """A dialog that returns the search result that the agent chose."""

    CSS_PATH = "find_voter_dialog.tcss"
    heading = words.FIND_TITLE
    help_text = words.FIND_EXPLAINED
    AUTO_FOCUS = "FieldInput"
    BINDINGS: ClassVar[list[BindingType]] = [*key_bindings.RESULT_KEYS]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.typed = ""

    def compose_body(self) -> ComposeResult:
        """Draw the search."""
        yield SearchPanel(self.session, self.typed)

    def on_search_panel_typed(self, event: SearchPanel.Typed) -> None:
        """Keep what is typed, for when everything is drawn again."""
        self.typed = event.text

    def action_move(self, direction: str) -> None:
        """Move in the list while the agent goes on typing."""
        self.query_one(SearchPanel).move(direction)

    def on_search_panel_chosen(self, event: SearchPanel.Chosen) -> None:
        """Return the chosen result to who asked, and to nobody else: the app would open its file."""
        event.stop()
        self.dismiss(SearchPanel.Chosen(event.result, event.typed))
