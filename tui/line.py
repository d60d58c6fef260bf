"""A piece of writing on the screen. Never markup: what a person typed, or is called, cannot write any."""

from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from core.i18n import NO_BREAK_SPACE

GLUE = "\ue002"
"""Stands for a no-break space until lines are broken: Textual breaks at any space. Private use: no sentence holds it."""


class Line(Static):
    """One sentence or value, styled by its class."""

    def __init__(self, written: str | Content, kind: str = "", *, id: str | None = None) -> None:  # Textual's word
        super().__init__(_glued(plain(written)), id=id, classes=kind)

    def write(self, written: str | Content) -> None:
        """Other words in the same place."""
        self.update(_glued(plain(written)))

    def render_line(self, y: int) -> Strip:
        """With spaces again, for whoever reads or copies."""
        strip = super().render_line(y)
        if not any(GLUE in segment.text for segment in strip):
            return strip
        return Strip((segment._replace(text=segment.text.replace(GLUE, " ")) for segment in strip), strip.cell_length)


def plain(written: str | Content) -> Content:
    """Characters as they are."""
    return written if isinstance(written, Content) else Content(written)


def _glued(written: Content) -> Content:
    return Content(written.plain.replace(NO_BREAK_SPACE, GLUE), spans=list(written.spans))
