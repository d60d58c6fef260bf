"""The status line at the top of every screen about a voter."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.events import Resize

from core.desk.voter_status import StatusItem, StatusUrgency
from core.text.faces.timeline_sentences import TimelineLineTone
from tui.app_messages import ScreenReaderAnnouncement
from tui.plain_text_line import PlainTextLine
from tui.timeline_widget import MARKS
from tui.translator import Translator

MOST_LINES = 2
SEPARATOR = "   "
STYLE_OF = {StatusUrgency.STOPS: "bold $error", StatusUrgency.WARNS: "bold $warning", StatusUrgency.INFORMS: ""}


class VoterStatusLine(PlainTextLine):
    def __init__(self, translator: Translator) -> None:
        super().__init__("", id="status")
        self.translator = translator
        self.items: tuple[StatusItem, ...] = ()

    def show(self, items: tuple[StatusItem, ...]) -> None:
        former, self.items = self.items, items
        for item in items:
            if item.urgency is not StatusUrgency.INFORMS and item not in former:
                self.post_message(ScreenReaderAnnouncement(self._said(item)))
        self._draw()

    def on_resize(self, _event: Resize) -> None:
        self._draw()

    def _said(self, item: StatusItem) -> str:
        mark = f"{MARKS[TimelineLineTone.BAD]} " if item.urgency is StatusUrgency.STOPS else ""
        return mark + self.translator.say(item.sentence)

    def _draw(self) -> None:
        if self.content_size.width:
            lines = whole_items([self._said(item) for item in self.items], self.content_size.width)
            styles = iter(STYLE_OF[item.urgency] for item in self.items)
            drawn = (Content(SEPARATOR).join(Content.styled(said, next(styles)) for said in line) for line in lines)
            self.write(Content("\n").join(drawn))


def whole_items(items: Sequence[str], width: int) -> list[list[str]]:
    """Distribute the items over at most `MOST_LINES` lines. Items that do not fit are left out."""
    lines: list[list[str]] = [[]]
    for item in items:
        if lines[-1] and cell_len(SEPARATOR.join((*lines[-1], item))) > width:
            if len(lines) == MOST_LINES:
                break
            lines.append([])
        lines[-1].append(item)
    return lines
