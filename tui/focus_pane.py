"""A scrolling pane that keeps the widget with the focus in view."""

from textual.containers import VerticalScroll
from textual.events import Resize


class FocusPane(VerticalScroll, can_focus=False):
    """A pane of buttons or inputs, which have the focus instead of the pane.

    A longer text above them, a notice below the pane or a smaller window may take their lines. Textual sends Resize
    for the size of the pane and for the size of its contents.
    """

    def on_resize(self, _event: Resize) -> None:
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            self.call_after_refresh(focused.scroll_visible, animate=False)
