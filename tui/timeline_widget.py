"""A timeline of events, oldest first. New events are highlighted briefly."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget

from core.desk.files import TimelineLine
from core.text.faces import desk_terminal_texts as words
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Day, TimeOfDay
from tui.app_messages import ScreenReaderAnnouncement
from tui.plain_text_line import PlainTextLine, pane
from tui.translator import Translator

MARKS = {TimelineLineTone.GOOD: "✓", TimelineLineTone.BAD: "✗", TimelineLineTone.NEUTRAL: "·"}
HIGHLIGHT_SECONDS = 4
LINEAR = "-linear"
"""CSS class of the app while the agent uses a screen reader."""


def screen_reader_line(line: TimelineLine, translator: Translator) -> str:
    parts = (translator.format_value(TimeOfDay(line.at)), MARKS[line.mark], translator.say(line.sentence), line.step)
    return " ".join(part for part in parts if part)


def line_numbers(lines: Iterable[TimelineLine]) -> frozenset[int]:
    return frozenset(each.line for each in lines)


class TimelineEntry(Horizontal):
    def __init__(self, translator: Translator, line: TimelineLine, *, new: bool) -> None:
        super().__init__(classes=f"-{line.mark.value} -new" if new else f"-{line.mark.value}")
        self.translator = translator
        self.line = line

    def compose(self) -> ComposeResult:
        if self.app.has_class(LINEAR):
            yield PlainTextLine(screen_reader_line(self.line, self.translator), "what")
            return
        yield PlainTextLine(self.translator.format_value(TimeOfDay(self.line.at)), "at")
        yield PlainTextLine(MARKS[self.line.mark], "mark")
        yield PlainTextLine(self.translator.say(self.line.sentence), "what")
        yield PlainTextLine(self.line.step or "", "step")

    def on_mount(self) -> None:
        if self.has_class("-new"):
            self.set_timer(HIGHLIGHT_SECONDS, lambda: self.remove_class("-new"))


class Timeline(VerticalScroll):
    """A timeline that scrolls to each new event, unless the agent has scrolled up."""

    can_focus = True
    help_text = words.TIMELINE_EXPLAINED

    def __init__(self, translator: Translator, lines: tuple[TimelineLine, ...]) -> None:
        super().__init__(id="timeline")
        pane(self, translator.say(words.TIMELINE))
        self.translator = translator
        self.lines = lines
        self.known = line_numbers(lines)
        """Numbers of the lines already shown. Other lines are highlighted as new."""
        self.follows = True
        """Whether to scroll to new events."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.follows = self.is_vertical_scroll_end or (self.follows and new_value >= old_value)

    def on_resize(self) -> None:
        """Keep the newest event visible when the timeline shrinks."""
        self._follow_new_events()

    def _follow_new_events(self) -> None:
        if self.follows:
            self.call_after_refresh(self.scroll_end, animate=False)

    def compose(self) -> ComposeResult:
        if not self.lines:
            yield PlainTextLine(self.translator.say(words.READING), "hint")
        yield from self._entries(self.lines)

    async def show(self, lines: tuple[TimelineLine, ...]) -> None:
        """Append new events. If older lines have changed, redraw the timeline."""
        former, self.lines = self.lines, lines
        if lines == former:
            return
        self.known = line_numbers(former or lines)
        if former and lines[: len(former)] == former:
            await self.mount_all(self._entries(lines[len(former) :], after=former[-1]))
        else:
            await self.recompose()
        for line in lines:
            if line.line not in self.known:
                self.post_message(ScreenReaderAnnouncement(screen_reader_line(line, self.translator)))
        self._follow_new_events()

    def _entries(self, lines: Iterable[TimelineLine], *, after: TimelineLine | None = None) -> Iterable[Widget]:
        several_days = self.lines and self.lines[0].at.date() != self.lines[-1].at.date()
        for line in lines:
            if several_days and (after is None or after.at.date() != line.at.date()):
                yield PlainTextLine(self.translator.format_value(Day(line.at)), "day")
            yield TimelineEntry(self.translator, line, new=line.line not in self.known)
            after = line
