"""The screen for a case whose voter is unknown."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from core.desk.files import CaseFile, CaseLine, TimelineLine, VoterFiles
from core.desk.guide import CallGuide
from core.desk.subjects import CallSubject
from core.desk.voter_status import StatusItem
from core.text.faces import desk_terminal_texts as words
from tui import key_bindings
from tui.action_button import ActionButtonWithReason
from tui.focus_pane import FocusPane
from tui.lookup import StepOrErrorLookup
from tui.plain_text_line import PlainTextLine, pane
from tui.signed_in_screen import SelfUpdatingScreen
from tui.status_line import VoterStatusLine
from tui.terminal_session import TerminalSession
from tui.timeline_widget import Timeline


class CaseScreen(SelfUpdatingScreen):
    CSS_PATH = "voter_file_screen.tcss"
    help_text = words.CASE_EXPLAINED
    AUTO_FOCUS = "PlainTextButton"
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.OPEN_STEP, key_bindings.END_CALL]

    def __init__(self, session: TerminalSession, file: CaseFile) -> None:
        super().__init__(session)
        self.file = file
        self.lines: tuple[TimelineLine, ...] = ()
        self.drawn: CaseLine | None = None

    @property
    def top_title(self) -> str:
        return self.say(words.CASE_AT_STEP, case=self.file.case.number, step=self.file.case.step.code)

    def compose_body(self) -> ComposeResult:
        translator, file = self.session.translator, self.file
        if file.voter is not None:
            yield VoterStatusLine(translator)
        with Horizontal(id="file"):
            with FocusPane(id="left"):
                with pane(Vertical(id="facts"), self.say(file.case.title)):
                    yield PlainTextLine(file.address, "soft")
                    if file.voter is None:
                        yield PlainTextLine(self.say(words.CASE_EXPLAINED), "hint")
                    yield PlainTextLine("", "label", id="message")
                yield pane(Vertical(id="say"), self.say(words.SAY))
                with pane(Vertical(id="acts"), self.say(words.YOUR_ACTIONS)):
                    yield ActionButtonWithReason(translator, key_bindings.OPEN_STEP)
            yield Timeline(translator, self.lines)

    async def reload(self) -> None:
        read = await self.run_use_case(self._read)
        if read is None:
            return
        case, self.lines, status = read
        for line in self.query(VoterStatusLine):
            line.show(status)
        await self.query_one(Timeline).show(self.lines)
        if case != self.drawn:
            self.drawn = case
            message, highlighted = case.message, self.session.translator.say_highlighted
            script = () if message is None else message.script
            if self.file.voter is None:
                script = (key_bindings.with_key_names(words.SEARCH_BY_NAME, self.session.translator), *script)
            for panel in self.query("#say"):  # there is none if the screen was closed
                if message is not None:
                    self.query_one("#message", PlainTextLine).write(highlighted(message.labelled))
                panel.display = bool(script)
                await panel.remove_children()
                await panel.mount_all(PlainTextLine(highlighted(sentence), "say") for sentence in script)

    def _read(self) -> tuple[CaseLine, tuple[TimelineLine, ...], tuple[StatusItem, ...]]:
        desk, agent, number, voter = self.session.desk, self.session.agent, self.file.case.number, self.file.voter
        status = () if voter is None else desk.call(CallGuide.view, agent, voter, self.file.case.flow).status
        return (
            desk.call(VoterFiles.read_case, agent, number),
            desk.call(VoterFiles.case_timeline, agent, number),
            status,
        )

    def on_unmount(self) -> None:
        self.session.record_file_left(self.call_subject)

    @property
    def call_subject(self) -> CallSubject:
        return CallSubject(voter=self.file.voter, case=self.file.case.number)

    def action_open_step(self) -> None:
        self.app.push_screen(StepOrErrorLookup(self.session, self.file.case.step))
