"""A search field that finds people, cases, steps and messages while the agent types."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerError

from core.desk.error_lookup import ExplainedError, FoundCommonProblem
from core.desk.search import FindAnythingSearch, QuickResult
from core.desk.steps import StepTitle
from core.desk.voter_search import SearchResultLine
from core.forms.name_words import matching_parts, name_words
from core.text.faces import desk_terminal_texts as words
from tui import key_bindings
from tui.app_messages import ScreenReaderAnnouncement
from tui.base_screen import ACTION_GROUP, BaseScreen
from tui.dialogs import Dialog
from tui.field_widgets import FieldInput
from tui.plain_text_line import MUTED, PlainTextLine, plain_text, wrap_with_indent
from tui.terminal_session import TerminalSession

LONGEST_TYPED = 1000
"""Maximum number of characters in a search."""
RESULTS = 20
INDENT = 2


class SearchInput(FieldInput):
    BINDINGS: ClassVar[list[BindingType]] = [*key_bindings.RESULT_KEYS]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        return action != key_bindings.OPEN_RESULT.action or bool(self.value)


class SearchPanel(Vertical):
    help_text = words.FIND_EXPLAINED

    @dataclass
    class Chosen(Message):
        result: QuickResult

    @dataclass
    class Typed(Message):
        text: str

    def __init__(self, session: TerminalSession, typed: str = "") -> None:
        super().__init__(id="search")
        self.session = session
        self.typed = typed
        self.found: tuple[QuickResult, ...] = ()
        self.answered: str | None = None
        """The search text that led to the results in `found`."""
        self.searching: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        say = self.session.translator.say
        yield SearchInput("typed", typed=self.typed, placeholder=say(words.FIND_BY))
        yield OptionList(id="list", markup=False)
        yield PlainTextLine("", id="list-notice")

    def on_mount(self) -> None:
        self.query_one("#list").can_focus = False  # the input keeps the focus while the arrow keys move in the list
        if self.typed:
            self.search_again()

    def clear(self) -> None:
        self.query_one(FieldInput).clear()

    def search_again(self) -> None:
        if self.answered != self.typed:
            self.searching = self.search(self.typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == key_bindings.CHEAT_SHEET_CHARACTER:  # no name or message begins with this character
            self.clear()
            self.app.action_cheat_sheet()  # type: ignore[attr-defined]  # the app is a DeskApp
            return
        self.typed = event.value
        self.post_message(self.Typed(event.value))
        self.searching = self.search(event.value)

    @work(exclusive=True)
    async def search(self, typed: str) -> None:
        screen = self.screen
        assert isinstance(screen, BaseScreen)  # noqa: S101  # every screen of the app is a BaseScreen
        results = await screen.call_desk(FindAnythingSearch.find, typed[:LONGEST_TYPED], RESULTS)
        if results is None or not self.query(OptionList):  # there is none if the panel was closed
            return
        self.found, self.answered = results.found, typed
        options, lit = self.query_one(OptionList), name_words(typed)
        options.clear_options()
        options.add_options(self._option(number, each, lit) for number, each in enumerate(self.found))
        options.highlighted = 0 if self.found else None
        notice = "" if results.notice is None else self.session.translator.say(results.notice)
        for each in self.query(PlainTextLine):
            each.write(notice)
        if typed:
            self.post_message(ScreenReaderAnnouncement(notice))

    def _option(self, number: int, found: QuickResult, lit: tuple[str, ...]) -> Option:
        return Option(plain_text(self._label(found, lit)), id=str(number))

    def _label(self, found: QuickResult, lit: tuple[str, ...]) -> Content:
        say = self.session.translator.say
        match found:
            case SearchResultLine():
                name, details = found.name or found.case or "", self._details(found)
                lit = found.lit or lit
            case StepTitle():
                name, details = f"{found.code}  {say(found.title)}", say(words.IS_STEP)
            case FoundCommonProblem():
                name, details = say(found.symptom), f"{say(words.IS_TROUBLE)} · {found.step.code}"
            case ExplainedError():
                name = say(found.sentence)
                details = " · ".join((say(words.IS_MESSAGE), *(step.code for step in found.steps)))
        width = max(0, self.content_size.width - 2)  # the list has no size before its first result
        return Content.assemble(
            highlight_matches(wrap_with_indent(name, INDENT, width), lit),
            "\n",
            (wrap_with_indent(f"  {details}", INDENT, width), MUTED),
        )

    def _details(self, found: SearchResultLine) -> str:
        distinctions = map(self.session.translator.say, found.distinctions)
        return " · ".join(part for part in (found.academie, found.address, found.case, *distinctions) if part)

    def move(self, direction: str) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if direction == "down" else options.action_cursor_up()

    @work(group=ACTION_GROUP)
    async def on_input_submitted(self) -> None:
        """Wait for a running search, and then open the highlighted result."""
        if self.searching is not None:
            with suppress(WorkerError):
                await self.searching.wait()
        for options in self.query(OptionList):  # as in `search`
            if options.highlighted is not None and self.answered == self.typed:
                self.post_message(self.Chosen(self.found[options.highlighted]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self.found[event.option_index]))


def highlight_matches(text: str, word_beginnings: tuple[str, ...]) -> Content:
    content = Content.styled(text, "bold")
    for start, end in matching_parts(text, word_beginnings):
        content = content.stylize("underline", start, end)
    return content


class FindAnythingDialog(Dialog[QuickResult]):
    CSS_PATH = "find_voter_dialog.tcss"
    heading = words.FIND_TITLE
    help_text = words.FIND_EXPLAINED
    AUTO_FOCUS = "FieldInput"

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.typed = ""

    def compose_body(self) -> ComposeResult:
        yield SearchPanel(self.session, self.typed)

    def on_search_panel_typed(self, event: SearchPanel.Typed) -> None:
        self.typed = event.text
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        return action != "move" or bool(self.typed)

    def action_move(self, direction: str) -> None:
        self.query_one(SearchPanel).move(direction)

    def on_search_panel_chosen(self, event: SearchPanel.Chosen) -> None:
        event.stop()  # otherwise the app would open the voter's file
        self.dismiss(event.result)
