"""The lines of one page of the journal, between those that show its neighbours."""

from dataclasses import dataclass

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.journal_browser import JournalEntry, JournalPage
from core.text.faces import journal_screen_texts as words
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Moment, Text, TimeOfDay
from tui.plain_text_line import wrap_with_indent
from tui.search_panel import INDENT
from tui.terminal_session import TerminalSession
from tui.timeline_widget import MARKS

STYLES = {TimelineLineTone.GOOD: "", TimelineLineTone.BAD: "$error", TimelineLineTone.NEUTRAL: ""}


@dataclass(frozen=True, slots=True)
class OtherJournalPageLine:
    """A line of the list that shows another page."""

    label: Text
    is_older: bool


class JournalList(OptionList):
    """The list; the highlight keeps its position while the same lines are drawn again."""

    help_text = words.LINES_EXPLAINED

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(markup=False)
        self.session = session
        self.listed: tuple[JournalEntry | OtherJournalPageLine, ...] = ()

    @property
    def highlighted_entry(self) -> JournalEntry | None:
        """The highlighted line of the journal."""
        line = self.listed[self.highlighted] if self.listed and self.highlighted is not None else None
        return line if isinstance(line, JournalEntry) else None

    def show(self, page: JournalPage, *, is_newest: bool) -> None:
        """Draw a page."""
        newer = () if is_newest else (OtherJournalPageLine(words.NEWER, is_older=False),)
        older = () if page.older is None else (OtherJournalPageLine(words.OLDER, is_older=True),)
        listed = (*newer, *page.entries, *older)
        position = (self.highlighted or 0) if listed == self.listed else len(newer) if page.entries else 0
        self.listed = listed
        self.clear_options()
        self.add_options(Option(self._label(each)) for each in listed)
        self.highlighted = position if listed else None

    def _label(self, line: JournalEntry | OtherJournalPageLine) -> Content:
        translator, services = self.session.translator, self.session.services
        if isinstance(line, OtherJournalPageLine):
            return Content.styled(translator.say(line.label), "$accent")
        today = services.calendar.to_local(services.clock.now()).date() == line.at.date()
        at = translator.format_value(TimeOfDay(line.at) if today else Moment(line.at))
        about = " · ".join(part for part in (line.case, line.step) if part)
        text = f"{MARKS[line.mark]} {at}  {translator.say(line.sentence)}" + (f"  ({about})" if about else "")
        return Content.styled(
            wrap_with_indent(text, INDENT, self.scrollable_content_region.width - 1), STYLES[line.mark]
        )
