"""Shows names and typed text without parsing markup."""

from textwrap import wrap
from typing import TypeVar

from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from core.text.safe_text import safe_text
from core.text.translation import NO_BREAK_SPACE

MUTED = "auto 75%"
"""Style of less important text in a list."""
GLUE = "\ue002"
"""Character that replaces each no-break space. Textual would break lines at no-break spaces."""


class PlainTextLine(Static):
    """A widget for plain text. `kind` is its CSS class."""

    def __init__(self, content: str | Content, kind: str = "", *, id: str | None = None) -> None:
        super().__init__(_glued(plain_text(content)), id=id, classes=kind)

    def write(self, content: str | Content) -> None:
        self.update(_glued(plain_text(content)))

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if not any(GLUE in segment.text for segment in strip):
            return strip
        return Strip((segment._replace(text=segment.text.replace(GLUE, " ")) for segment in strip), strip.cell_length)


W = TypeVar("W", bound=Widget)


def pane(widget: W, title: str) -> W:
    """Add a titled border to a widget, and return the widget."""
    widget.border_title = plain_text(title)
    return widget.add_class("pane")


def wrap_with_indent(text: str, indent: int, width: int) -> str:
    if width <= indent:
        return text
    return "\n".join(wrap(text, width, subsequent_indent=" " * indent, drop_whitespace=True, break_on_hyphens=False))


def plain_text(content: str | Content) -> Content:
    """Return the text without control characters, which could change the terminal."""
    given = content if isinstance(content, Content) else Content(content)
    return Content("\n".join(map(safe_text, given.plain.split("\n"))), spans=list(given.spans))


def _glued(content: Content) -> Content:
    return Content(content.plain.replace(NO_BREAK_SPACE, GLUE), spans=list(content.spans))
