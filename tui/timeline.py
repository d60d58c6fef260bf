"""The timeline: what happened, oldest first; a new line is lit for a moment."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget

from core.service.desk.files import TimelineLine
from core.text import Day, TimeOfDay
from core.text import Text as Words
from core.words import desk as words
from core.words.timeline import Mark
from tui.line import Line
from tui.voice import Voice

MARKS = {Mark.GOOD: "✓", Mark.BAD: "✗", Mark.NEUTRAL: "·"}
LIT_SECONDS = 4


class Happened(Horizontal):
    """One line: when, how it is meant, what, and at which step."""

    def __init__(self, voice: Voice, line: TimelineLine, *, new: bool) -> None:
        super().__init__(classes=f"-{line.mark.value} -new" if new else f"-{line.mark.value}")
        self.voice = voice
        self.line = line

    def compose(self) -> ComposeResult:
        """Four columns."""
        yield Line(written(self.voice, TimeOfDay(self.line.at)), "at")
        yield Line(MARKS[self.line.mark], "mark")
        yield Line(self.voice.say(self.line.sentence), "what")
        yield Line(self.line.step or "", "step")

    def on_mount(self) -> None:
        """Lit when it has just come."""
        if self.has_class("-new"):
            self.set_timer(LIT_SECONDS, lambda: self.remove_class("-new"))


class Timeline(VerticalScroll):
    """Follows what it is shown, and stays at its end unless one scrolls up."""

    can_focus = True
    explained = words.TIMELINE_EXPLAINED

    def __init__(self, voice: Voice, lines: tuple[TimelineLine, ...]) -> None:
        super().__init__(id="timeline")
        self.voice = voice
        self.lines = lines

    def compose(self) -> ComposeResult:
        """All of it; none as long as it is being read, for that a file was opened is its first line."""
        if not self.lines:
            yield Line(self.voice.say(words.READING), "hint")
        yield from self._drawn(self.lines, after=None, new=False)

    async def show(self, lines: tuple[TimelineLine, ...]) -> None:
        """What is new is added; where a line joined above, all is drawn again."""
        former, self.lines = self.lines, lines
        if lines == former:
            return
        at_its_end = self.is_vertical_scroll_end
        if former and lines[: len(former)] == former:
            await self.mount_all(self._drawn(lines[len(former) :], after=former[-1], new=True))
        else:
            await self.recompose()
        if at_its_end:
            self.call_after_refresh(self.scroll_end, animate=False)

    def _drawn(self, lines: Iterable[TimelineLine], *, after: TimelineLine | None, new: bool) -> Iterable[Widget]:
        for line in lines:
            if after is None or after.at.date() != line.at.date():
                yield Line(written(self.voice, Day(line.at)), "day")
            yield Happened(self.voice, line, new=new)
            after = line


def written(voice: Voice, value: object) -> str:
    """A value as the reader writes it."""
    return voice.say(Words("{value}", None, {"value": value}))
