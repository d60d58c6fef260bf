"""The screen that filters the journal and exports case sheets."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar, TypeVar

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.journal import JournalBrowser, JournalEntry, JournalPage
from core.desk.sheets import EscalationSheet, EscalationSheets
from core.desk.voter_search import SearchResultLine
from core.ports import JournalFilter
from core.text.faces import desk_terminal_texts
from core.text.faces import journal_screen_texts as words
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Day, Moment, Text, TimeOfDay
from tui import key_bindings
from tui.base_screen import ACTION_GROUP
from tui.dialogs import Choice, ChoiceDialog
from tui.plain_text_line import PlainTextLine, pane, plain_text, wrap_with_indent
from tui.search_panel import INDENT, FindAnythingDialog
from tui.sheet_file import sheet_text, write_sheet
from tui.signed_in_screen import SignedInScreen
from tui.terminal_session import TerminalSession
from tui.timeline_widget import MARKS

MARK_AND_TIME = 8
"""Width of the column that contains an event's mark and time."""
FAILURES = "failures"
WIDTHS = (9, 5, 10)
"""Column widths for the case, the step and the agent."""


class JournalList(OptionList):
    help_text = words.LINES_EXPLAINED

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(markup=False)
        self.session = session
        self.listed: tuple[JournalEntry | Day | Text, ...] = ()

    @property
    def highlighted_entry(self) -> JournalEntry | None:
        line = self.listed[self.highlighted] if self.listed and self.highlighted is not None else None
        return line if isinstance(line, JournalEntry) else None

    def show(self, page: JournalPage, *, is_newest: bool) -> None:
        newer = () if is_newest else (words.NEWER,)
        older = () if page.older is None else (words.OLDER,)
        listed = (*newer, *_with_days(page.entries), *older)
        position = (self.highlighted or 0) if listed == self.listed else len(newer) + 1 if page.entries else 0
        self.listed = listed
        self.clear_options()
        self.add_options(Option(plain_text(self._label(each)), disabled=isinstance(each, Day)) for each in listed)
        self.highlighted = position if listed else None

    def _label(self, line: JournalEntry | Day | Text) -> Content:
        translator = self.session.translator
        if isinstance(line, Text):
            return Content.styled(translator.say(line), "bold")
        if isinstance(line, Day):
            return Content.styled(translator.format_value(line), "bold $accent on $background")
        sentence, right = translator.say(line.sentence), self._columns(line.case, line.step, line.agent)
        width = max(MARK_AND_TIME, self.scrollable_content_region.width - 1 - MARK_AND_TIME - len(right))
        first, *others = wrap_with_indent(sentence, 0, width).split("\n")
        style = "$error on $background" if line.mark is TimelineLineTone.BAD else ""
        return Content.assemble(
            (f"{MARKS[line.mark]} ", style),
            f"{translator.format_value(TimeOfDay(line.at)):{MARK_AND_TIME - INDENT}}{first:{width}}{right}",
            *(f"\n{'':{MARK_AND_TIME}}{other}" for other in others),
        )

    def _columns(self, case: str | None, step: str | None, agent: str | None) -> str:
        return "".join(
            f"  {each or '':{width}.{width}}" for each, width in zip((case, step, agent), WIDTHS, strict=True)
        )

    def headings(self) -> str:
        say = self.session.translator.say
        right = self._columns(*map(say, (words.CASE_COLUMN, words.STEP_COLUMN, words.AGENT_COLUMN)))
        width = max(0, self.scrollable_content_region.width - 1 - len(right))
        return (
            f"{'':{INDENT}}{say(words.TIME_COLUMN):{MARK_AND_TIME - INDENT}}{say(words.EVENT_COLUMN)}".ljust(width)
            + right
        )


def _with_days(entries: Iterable[JournalEntry]) -> Iterator[JournalEntry | Day]:
    """Yield the entries, and a `Day` before the first entry of each day."""
    last: date | None = None
    for entry in entries:
        if entry.at.date() != last:
            last = entry.at.date()
            yield Day(entry.at)
        yield entry


T = TypeVar("T")


class JournalScreen(SignedInScreen):
    CSS_PATH = "journal_screen.tcss"
    help_text = words.JOURNAL_EXPLAINED
    AUTO_FOCUS = "JournalList"
    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.WANTED_FILE,
        key_bindings.WANTED_ACT,
        key_bindings.WANTED_AGENT,
        key_bindings.EVERYTHING,
        key_bindings.SHEET,
    ]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.wanted = JournalFilter()
        self.act: Text | None = None
        """The kind of events to show. None shows all kinds."""
        self.page: JournalPage | None = None
        self.befores: tuple[int | None, ...] = (None,)

    @property
    def top_title(self) -> str:
        wanted, page = self.wanted, self.page
        name = None if page is None else page.name
        parts = (
            None if wanted.case is None else self.say(words.WANTED_CASE, case=wanted.case),
            None if wanted.voter is None else self.say(words.WANTED_PERSON, name=name or "…"),
            None if self.act is None else self.say(words.WANTED_ACT, sentence=self.act),
            None if wanted.agent is None else self.say(words.WANTED_AGENT, name=wanted.agent),
        )
        return self.say(words.JOURNAL_TITLE, wanted=" · ".join(filter(None, parts)) or words.ALL_LINES)

    def compose_body(self) -> ComposeResult:
        with pane(Vertical(id="lines"), self.say(words.KEY_JOURNAL)):
            yield PlainTextLine(self.say(desk_terminal_texts.READING), "hint", id="calm")
            yield PlainTextLine("", "hint", id="headings")
            yield JournalList(self.session)
        with pane(VerticalScroll(id="words"), self.say(words.ONE_LINE)):
            yield PlainTextLine("", id="said")

    def on_mount(self) -> None:
        self.show_page(self.befores)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────

    def show_filtered(self, wanted: JournalFilter, act: Text | None) -> None:
        self.wanted, self.act = wanted, act
        self.show_page((None,))

    @work(group=ACTION_GROUP)
    async def show_page(self, befores: tuple[int | None, ...]) -> None:
        page = await self.call_desk(JournalBrowser.view, self.wanted, befores[-1])
        if page is not None:
            self.page, self.befores = page, befores
            self.draw()

    def draw(self) -> None:
        page = self.page
        if page is None or not self.are_parts_present:
            return
        self.query_one("#title", PlainTextLine).write(self.top_title)
        calm = self.query_one("#calm", PlainTextLine)
        calm.write(self.say(words.NO_LINE if page.older is None else words.NO_LINE_YET))
        calm.display = not page.entries
        lines = self.query_one(JournalList)
        lines.show(page, is_newest=len(self.befores) == 1)
        self.query_one("#headings", PlainTextLine).write(lines.headings())
        self._show_words()

    def on_option_list_option_highlighted(self) -> None:
        self._show_words()

    def _show_words(self) -> None:
        entry = self.query_one(JournalList).highlighted_entry
        self.query_one("#said", PlainTextLine).write("" if entry is None else "\n".join(self._details(entry)))

    def _details(self, entry: JournalEntry) -> tuple[str, ...]:
        number = self.say(words.LINE_NUMBER, line=str(entry.line))
        facts = (
            None if entry.case is None else self.say(desk_terminal_texts.CASE_NUMBERED, case=entry.case),
            None if entry.agent is None else self.say(words.WANTED_AGENT, name=entry.agent),
        )
        return (
            f"{self.session.translator.format_value(Moment(entry.at))} · {number}",
            " ".join(map(self.say, (entry.sentence, *entry.reasons))),
            " · ".join(filter(None, facts)),
        )

    # ── Acts ─────────────────────────────────────────────────────────────────────────────────────────────

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        line = self.query_one(JournalList).listed[event.option_index]
        if isinstance(line, Day):
            return
        if isinstance(line, Text):
            older = None if self.page is None else self.page.older
            self.show_page((*self.befores, older) if line is words.OLDER else self.befores[:-1])
        elif line.case is not None:
            self.show_filtered(JournalFilter(case=line.case), None)
        elif line.voter is not None:
            self.show_filtered(JournalFilter(voter=line.voter), None)
        else:
            self.show_notice(words.LINE_WITHOUT_FILE)

    def action_everything(self) -> None:
        self.show_filtered(JournalFilter(), None)

    @work(group=ACTION_GROUP)
    async def action_wanted_file(self) -> None:
        chosen = await self.app.push_screen_wait(FindAnythingDialog(self.session))
        if chosen is None:
            return
        match chosen:
            case SearchResultLine(case=str() as case):
                self.show_filtered(msgspec.structs.replace(self.wanted, case=case, voter=None), self.act)
            case SearchResultLine(voter=int() as voter):
                self.show_filtered(msgspec.structs.replace(self.wanted, voter=voter, case=None), self.act)
            case _:
                self.show_notice(words.NEITHER_PERSON_NOR_CASE)

    async def _choose(self, question: Text, choices: tuple[Choice[T], ...]) -> T | None:
        dialog = ChoiceDialog(
            self.session,
            question,
            choices,
            heading=words.KEY_JOURNAL,
            explained=words.JOURNAL_EXPLAINED,
            hint=words.FILTER_HINT,
        )
        return await self.app.push_screen_wait(dialog)

    @work(group=ACTION_GROUP)
    async def action_wanted_act(self) -> None:
        found = await self.call_desk(JournalBrowser.choices)
        if found is None:
            return
        acts = sorted(found.acts.items(), key=lambda each: self.say(each[1]))
        general = (Choice("", words.ANY), Choice(FAILURES, words.REFUSALS_AND_FAILURES))
        act = await self._choose(words.CHOOSE_ACT, (*general, *(Choice(act, sentence) for act, sentence in acts)))
        if act is not None:
            wanted = msgspec.structs.replace(self.wanted, act=act if act in found.acts else None)
            sentence = words.REFUSALS_AND_FAILURES if act == FAILURES else found.acts.get(act)
            self.show_filtered(msgspec.structs.replace(wanted, failures=act == FAILURES or None), sentence)

    @work(group=ACTION_GROUP)
    async def action_wanted_agent(self) -> None:
        found = await self.call_desk(JournalBrowser.choices)
        if found is None:
            return
        names = (Choice(each, Text("{name}", None, {"name": each})) for each in found.agents)
        choices = (Choice("", words.ANY), *names)
        name = await self._choose(words.CHOOSE_AGENT, choices)
        if name is not None:
            self.show_filtered(msgspec.structs.replace(self.wanted, agent=name or None), self.act)

    def action_sheet(self) -> None:
        """Export the sheet of the filtered case. Without a filter, use the highlighted entry's case."""
        entry = self.query_one(JournalList).highlighted_entry
        number = self.wanted.case or (None if entry is None else entry.case)
        if number is None:
            self.show_notice(words.CHOOSE_CASE_FIRST, wrong=True)
        else:
            self.make_sheet(number)

    @work(group=ACTION_GROUP)
    async def make_sheet(self, number: str) -> None:
        sheet = await self.call_desk(EscalationSheets.make, number, act=words.KEY_SHEET)
        if sheet is not None:
            self._deliver(sheet)

    def _deliver(self, sheet: EscalationSheet) -> None:
        folder = self.session.case_sheet_folder
        if folder is None:
            self.app.copy_to_clipboard(sheet_text(sheet, self.session.translator))
            self.show_notice(words.SHEET_COPIED, case=sheet.number)
            return
        path = folder / f"retrouve-{sheet.number}.html"
        try:
            write_sheet(path, sheet, self.session.translator)
        except OSError as failed:
            detail = failed.strerror or type(failed).__name__
            self.show_notice(words.SHEET_NOT_WRITTEN, wrong=True, path=str(path), detail=detail)
        else:
            self.show_notice(words.SHEET_WRITTEN, path=str(path))
