"""A piece of writing on the screen. Never markup: what a person typed, or is called, cannot write any."""

from textual.content import Content
from textual.widgets import Static


class Line(Static):
    """One sentence or value, styled by its class."""

    def __init__(self, written: str | Content, kind: str = "", *, id: str | None = None) -> None:  # Textual's word
        super().__init__(plain(written), id=id, classes=kind)

    def write(self, written: str | Content) -> None:
        """Other words in the same place."""
        self.update(plain(written))


def plain(written: str | Content) -> Content:
    """Characters as they are."""
    return written if isinstance(written, Content) else Content(written)
