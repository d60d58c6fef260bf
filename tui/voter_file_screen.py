"""The screen for a voter's file."""

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.actions import AvailableAction, DeskAction, may_act
from core.desk.call_backs import CallBackLine, CallBacks
from core.desk.files import TimelineLine, VoterFile, VoterFiles
from core.desk.guide import CallGuide, VoterFlowGuide
from core.desk.subjects import CallSubject
from core.ports import AnswerWay
from core.text.faces import call_end_texts as words_of_calls
from core.text.faces import desk_terminal_texts as words
from core.text.faces.call_sentences import ANSWER_AWAITED, CALL_BACK_AWAITED
from core.text.faces.journal_screen_texts import PASSWORD_STATE
from core.text.text import ShortMoment
from tui import key_bindings
from tui.action_button import ActionButtonWithReason
from tui.agent_script import open_numbered_problem
from tui.app_messages import OpenCallGuide, OpenCase
from tui.base_screen import ACTION_GROUP, NoticeLine
from tui.end_call_questions import answer_in_writing
from tui.focus_pane import FocusPane
from tui.guided_step import GuidedStepPanes, present_step
from tui.plain_text_line import PlainTextLine, pane
from tui.status_line import VoterStatusLine
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession
from tui.timeline_widget import Timeline
from tui.voter_screen_base import VoterScreenBase

FREEZING_FOR = {DeskAction.FREEZE: words.FREEZE_FOR, DeskAction.UNFREEZE: words.UNFREEZE_FOR}


class VoterFileScreen(VoterScreenBase):
    CSS_PATH = "voter_file_screen.tcss"
    help_text = words.FILE_EXPLAINED
    AUTO_FOCUS = "PlainTextButton"
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.GUIDE, key_bindings.FREEZE, key_bindings.ANSWER]
    next_binding: ClassVar[Binding] = key_bindings.GUIDE

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile, file: VoterFile) -> None:
        super().__init__(session, call)
        self.file = file

    def compose_body(self) -> ComposeResult:
        translator = self.session.translator
        yield VoterStatusLine(translator)
        with Horizontal(id="file"):
            with Vertical(id="left"):
                with pane(VerticalScroll(id="facts", can_focus=False), self.file.name):
                    yield from self._facts()
                with FocusPane():
                    with pane(Vertical(id="acts"), self.say(words.YOUR_ACTIONS)):
                        if self.can_answer:
                            yield ActionButtonWithReason(translator, key_bindings.ANSWER)
                        yield from self.action_buttons(
                            key_bindings.VERIFY, key_bindings.MAIL, key_bindings.GUIDE, key_bindings.FREEZE
                        )
                    # last, so that a short terminal shows the actions
                    yield pane(OptionList(id="cases", markup=False), self.say(words.OLDER_CASES))
            with Vertical(id="right"):
                yield Timeline(translator, self.lines)
                yield GuidedStepPanes(self.session)

    def _facts(self) -> Iterator[PlainTextLine]:
        file, highlighted = self.file, self.session.translator.say_highlighted
        for sentence, at, style in (
            (words.FROZEN_SINCE, file.frozen, "alarm"),
            (CALL_BACK_AWAITED, file.call_back, "label"),
            (ANSWER_AWAITED, file.answer_by, "label"),
            (words.REMOVED_SINCE, file.removed, "alarm"),
        ):
            if at is not None:
                yield PlainTextLine(self.say(sentence, at=ShortMoment(at)), style)
        yield PlainTextLine(" · ".join(filter(None, (file.academie, file.address))), "soft")
        for case in file.cases[:1]:
            yield PlainTextLine(highlighted(words.CASE_AT_STEP.fill({"case": case.number, "step": case.step.code})))
            if case.message is not None:
                yield PlainTextLine(highlighted(case.message.labelled), "soft")
        password = words.password_set_sentence(file.password_set, file.reopened)
        yield PlainTextLine(highlighted(PASSWORD_STATE.fill({"state": password})))
        if file.phone_ending:
            yield PlainTextLine(highlighted(words.PHONE_ENDING.fill({"ending": file.phone_ending})))
        yield PlainTextLine(self.say(words.READS_IN[file.language]), "soft")

    async def reload(self) -> None:
        read = await self.run_use_case(self.read_file)
        if read is None:
            return
        file, self.lines, self.guide, self.freezing, latest = read
        changed, self.file = file != self.file, file
        self.show_actions()
        self._show_older_cases()
        facts, timeline = self.query_one("#facts"), self.query_one(Timeline)
        if changed:  # slow updates come last, because the screen may be closed while they wait
            await facts.remove_children()
            await facts.mount_all(self._facts())
        await timeline.show(self.lines)
        for panes in self.query(GuidedStepPanes):  # there are none if the screen was closed
            if panes.display:
                await panes.show(present_step(latest))

    def _show_older_cases(self) -> None:
        options, say = self.query_one("#cases", OptionList), self.say
        older = self.file.cases[1:]
        lines = [
            say(words.CASE_LINE, case=case.number, step=case.step.code, at=ShortMoment(case.began)) for case in older
        ]
        options.display = bool(lines)
        if [str(each.prompt) for each in options.options] != lines:
            options.clear_options()
            options.add_options(Option(line, id=case.number) for line, case in zip(lines, older, strict=True))
            options.highlighted = 0 if lines else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.post_message(OpenCase(event.option_id or ""))

    def on_unmount(self) -> None:
        self.session.last_closed_file = self.call
        self.session.record_file_left(self.call_subject)

    def on_key(self, event: Key) -> None:
        """If the caller is not verified, a digit opens the verification dialog and is entered there."""
        if event.character and event.character.isdecimal() and self.call.caller is None and may_act(self.session.agent):
            self.action_verify(event.character)
        else:
            open_numbered_problem(self, event)

    def read_file(self) -> tuple[VoterFile, tuple[TimelineLine, ...], VoterFlowGuide, AvailableAction, VoterFlowGuide]:
        desk, agent, call = self.session.desk, self.session.agent, self.call
        # Read the timeline first, so that events during the other reads cause another update.
        lines = desk.call(VoterFiles.timeline, agent, call.voter)
        file, caller = desk.call(VoterFiles.read, agent, call.voter), self.valid_caller()
        guide = desk.call(CallGuide.view, agent, call.voter, desk.steps.flows[0].slug, caller)
        away = guide.elsewhere
        latest = guide if away is None else desk.call(CallGuide.view, agent, call.voter, away.flow, caller)
        return file, lines, guide, self.read_freezing(caller), latest

    def show_actions(self) -> None:
        super().show_actions()
        self.query(f"#action-{key_bindings.ANSWER.action}").set(display=self.can_answer)
        self.show_action(key_bindings.GUIDE, words.KEY_GUIDE, words.GUIDE_FOR if self.call.caller is None else None)
        action = self.freezing
        if action is not None:
            about, why_not = FREEZING_FOR[action.action], action.why_not
            self.show_action(key_bindings.FREEZE, action.label, why_not, possible=why_not is None, about=about)

    @property
    def taken_written_request(self) -> CallBackLine | None:
        taken = self.session.taken_call_back_for(CallSubject(voter=self.call.voter))
        return taken if taken is not None and taken.way is AnswerWay.WRITING else None

    @property
    def can_answer(self) -> bool:
        return self.file.written_request is not None and may_act(self.session.agent)

    async def _take_written_request(self) -> CallBackLine | None:
        """Assign the voter's written request to this agent. Returns None if a colleague has it."""
        taken, request = self.taken_written_request, self.file.written_request
        if taken is not None or request is None:
            return taken
        taken = await self.call_desk(CallBacks.take, request, act=words_of_calls.KEY_ANSWER)
        self.session.call_back = self.session.call_back or taken
        return taken

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == key_bindings.ANSWER.action:
            return self.can_answer
        return super().check_action(action, parameters)

    @work(group=ACTION_GROUP)
    async def action_answer(self) -> None:
        request = await self._take_written_request()
        if request is not None and await answer_in_writing(self, request):
            if self.taken_written_request is not None:
                self.session.call_back = None
            self.show_notice(words_of_calls.ANSWER_SENT)
            await self.reload()

    def action_guide(self) -> None:
        self.query_one(NoticeLine).show("")
        flow = self.file.cases[0].flow if self.file.cases else self.session.desk.steps.flows[0].slug
        self.post_message(OpenCallGuide(self.call, flow))
