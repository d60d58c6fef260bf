"""The supervisors' screen with charts, agents on duty and failures."""

from collections.abc import Iterable
from typing import ClassVar

from babel.numbers import format_decimal
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Sparkline

from core.desk.overview import (
    AgentOnDuty,
    DeskOverview,
    DeskOverviewReader,
    FailureCountLine,
    OverviewWindow,
    PlottedFigure,
    PlottedFigureName,
)
from core.text.faces import overview_texts as words
from core.text.text import ShortMoment, Text, TimeOfDay
from tui import key_bindings
from tui.plain_text_line import PlainTextLine, pane, wrap_with_indent
from tui.search_panel import INDENT
from tui.signed_in_screen import SelfUpdatingScreen
from tui.terminal_session import TerminalSession

WINDOWS = {OverviewWindow.HOUR: words.HOUR, OverviewWindow.DAY: words.DAY, OverviewWindow.ELECTION: words.ELECTION}
LABELS = {
    PlottedFigureName.ASKS: words.ASKS,
    PlottedFigureName.CALLS: words.CALLS,
    PlottedFigureName.VERIFICATIONS: words.VERIFICATIONS,
    PlottedFigureName.MAIL_DELAY: words.MAIL_DELAY,
    PlottedFigureName.SMS_DELAY: words.SMS_DELAY,
}
WHOLE_FROM, LEAST = 10, 0.1
IS_DELAY = {PlottedFigureName.MAIL_DELAY, PlottedFigureName.SMS_DELAY}


class PlottedFigureWidget(Horizontal):
    def __init__(self, name: PlottedFigureName, label: str) -> None:
        super().__init__(id=f"figure-{name}")
        self.label = label

    def compose(self) -> ComposeResult:
        yield PlainTextLine(self.label, "figure-label")
        yield Sparkline([0.0, 0.0], min_color=None, max_color=None)  # a single point would be drawn as the maximum
        yield PlainTextLine("…", "figure-numbers")

    def show(self, points: Iterable[int], numbers: str) -> None:
        self.query_one(Sparkline).data = [float(point) for point in points]
        self.query_one(".figure-numbers", PlainTextLine).write(numbers)


class SupervisorOverviewScreen(SelfUpdatingScreen):
    CSS_PATH = "supervisor_overview_screen.tcss"
    help_text = words.OVERVIEW_EXPLAINED
    AUTO_FOCUS = "#lists"
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.WINDOW, key_bindings.INCIDENTS]
    poll_seconds: ClassVar[float] = 2.0

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.window = OverviewWindow.HOUR
        self.overview: DeskOverview | None = None

    @property
    def top_title(self) -> str:
        return self.say(words.OVERVIEW_TITLE, window=WINDOWS[self.window])

    def compose_body(self) -> ComposeResult:
        for name, label in LABELS.items():
            yield PlottedFigureWidget(name, self.say(label))
        yield PlainTextLine("", "hint", id="scale")
        yield PlainTextLine("", "hint", id="counted-from")
        with VerticalScroll(id="lists"), Horizontal(id="columns"):
            for listed in ("on-duty", "failures", "academies"):
                with pane(Vertical(id=f"{listed}-pane", classes="column"), ""):
                    yield PlainTextLine("", id=listed)

    async def reload(self) -> None:
        overview = await self.call_desk(DeskOverviewReader.view, self.window)
        if overview is not None:
            self.overview = overview
            self.draw()

    async def action_next_window(self) -> None:
        windows = list(WINDOWS)
        self.window = windows[(windows.index(self.window) + 1) % len(windows)]
        await self.reload()

    def draw(self) -> None:
        found = self.overview
        if found is None or not self.are_parts_present:
            return
        self.query_one("#title", PlainTextLine).write(self.top_title)
        for figure in found.figures:
            self.query_one(f"#figure-{figure.name}", PlottedFigureWidget).show(figure.points, self._numbers(figure))
        since, span = ShortMoment(found.since), words.hours_or_minutes(found.minutes_a_point)
        scale = self.query_one("#scale", PlainTextLine)
        scale.display = any(max(figure.points) for figure in found.figures)
        scale.write(self.say(words.SCALE, since=since, span=span))
        counted = self.query_one("#counted-from", PlainTextLine)
        counted.display = found.counted_from is not None
        if found.counted_from is not None:
            counted.write(self.say(words.COUNTED_FROM, at=ShortMoment(found.counted_from)))
        on_duty = [self._agent(each) for each in found.on_duty] or [self.say(words.NOBODY_ON_DUTY)]
        self._show_list("on-duty", words.ON_DUTY.fill({"count": len(found.on_duty)}), on_duty)
        self._show_list("failures", words.FAILURES, self._failures(found.failures))
        self._show_list("academies", words.BY_ACADEMIE, self._failures(found.academies))

    def _numbers(self, figure: PlottedFigure) -> str:
        most, total = max(figure.points), figure.total
        if figure.name in IS_DELAY:
            numbers = self.say(words.oldest_wait(total, int(figure.rate)))
        else:
            sentence = words.A_MINUTE if figure.name is PlottedFigureName.ASKS else words.AN_HOUR
            numbers = self.say(sentence, rate=self._rounded(figure.rate), total=total)
        highest = words.hours_or_minutes(most) if figure.name in IS_DELAY else most
        return f"{numbers} · {self.say(words.MOST, most=highest)}" if most else numbers

    def _rounded(self, rate: float) -> str:
        if rate >= WHOLE_FROM or rate == int(rate):
            return f"{rate:.0f}"
        written = format_decimal(max(rate, LEAST), "0.0", locale=self.session.language.value)
        return f"< {written}" if rate < LEAST else written

    def _agent(self, agent: AgentOnDuty) -> str:
        facts = {"name": agent.name, "activity": agent.activity, "at": TimeOfDay(agent.since)}
        if agent.step is None:
            return self.say(words.DOES, **facts)
        return self.say(words.DOES_AT_STEP, **facts, step=agent.step)

    def _failures(self, lines: Iterable[FailureCountLine]) -> list[str]:
        sentences = [self.say(words.COUNT_LINE, count=each.count, sentence=each.sentence) for each in lines]
        return sentences or [self.say(words.NO_FAILURE)]

    def _show_list(self, name: str, title: Text, lines: Iterable[str]) -> None:
        pane(self.query_one(f"#{name}-pane"), self.say(title))
        listed = self.query_one(f"#{name}", PlainTextLine)
        width = listed.content_region.width
        listed.write("\n".join(wrap_with_indent(line, INDENT, width) for line in lines))
