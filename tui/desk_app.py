"""The application that runs on an agent's terminal. It decides which screen to show."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType
from textual.command import CommandPalette

from core.desk.actions import may_act
from core.desk.call_backs import CallBacks
from core.desk.files import VoterFile, VoterFiles
from core.desk.hand_overs import HandOvers
from core.desk.search import QuickResult
from core.desk.steps import StepTitle
from core.desk.subjects import CallSubject
from core.desk.voter_search import SearchResultLine
from core.ports import AgentRole, AnswerWay, CallRecord
from core.text.faces import call_end_texts, desk_terminal_texts
from tui import key_bindings
from tui.announcements import LinearModeAnnouncements
from tui.app_messages import (
    AgentMustSignInAgain,
    OpenCallGuide,
    OpenCase,
    OpenVoterFile,
    ScreenReaderAnnouncement,
    SignedIn,
    TakeCallBack,
    TakeHandOver,
)
from tui.base_screen import ACTION_GROUP, LEAST_COLUMNS, LEAST_LINES, TALL_LINES, VAST_COLUMNS, WIDE_COLUMNS, BaseScreen
from tui.case_screen import CaseScreen
from tui.command_palette import PaletteProvider
from tui.end_call_questions import EndCallQuestions
from tui.guide_screen import VoterStepGuideScreen
from tui.help_dialog import CheatSheet, HelpDialog, explained_keys_of, help_sentences_for_focused_widget
from tui.home_screen import HomeScreen
from tui.incident_screen import IncidentScreen
from tui.journal_screen import JournalScreen
from tui.lookup import StepOrErrorLookup
from tui.overview_screen import SupervisorOverviewScreen
from tui.search_panel import FindAnythingDialog, SearchPanel
from tui.session_app import AgentSessionApp
from tui.sign_in_screen import SignInScreen
from tui.signed_in_screen import SignedInScreen
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession
from tui.voter_file_screen import VoterFileScreen
from tui.voter_screen_base import VoterScreenBase

CHECK_SECONDS = 1.0
NEEDS_SIGN_IN = {"find", "lock"}
NOT_FOR_AGENTS = {"journal", "overview"}


class DeskApp(AgentSessionApp):
    TITLE = "Retrouve"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012  # as Textual declares it
        (0, "-too-narrow"),
        (LEAST_COLUMNS, "-narrow"),
        (WIDE_COLUMNS, "-wide"),
        (VAST_COLUMNS, "-vast"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012  # the same
        (0, "-too-short"),
        (LEAST_LINES, "-short"),
        (TALL_LINES, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.FIND,
        key_bindings.FIND_TOO,
        key_bindings.LOCK,
        key_bindings.COMMANDS,
        *key_bindings.FOCUS_KEYS,
    ]

    def __init__(self, session: TerminalSession, keep_running: Callable[[], bool] = lambda: True) -> None:
        super().__init__(session, keep_running)
        self.ending_call = False

    # ── Sign-in ──────────────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        self.push_screen(SignInScreen(self.session))
        if self.session.signed_in is not None:
            self.push_screen(HomeScreen(self.session))
        self.set_interval(CHECK_SECONDS, self.check_idle_and_database)

    def on_signed_in(self, event: SignedIn) -> None:
        self.session.signed_in, self.session.action_with_unknown_outcome = event.session, None
        self.take_appearance(event.session.name)
        self.push_screen(HomeScreen(self.session))

    async def on_agent_must_sign_in_again(self, event: AgentMustSignInAgain) -> None:  # noqa: ARG002  # Textual's signature
        chooses = any(isinstance(each, SignInScreen) and each.pending is not None for each in self.screen_stack[-1:])
        if self.session.signed_in is None and not chooses:
            return
        self.ending_call = False  # the loop below closes the questions at the end of a call
        while len(self.screen_stack) > 2:  # noqa: PLR2004  # Textual's own screen, then the sign-in
            await self.pop_screen()
        self.session.signed_in = None
        self.session.forget_all_calls()
        for screen in self.screen_stack[-1:]:  # there is none if the terminal is closing
            if isinstance(screen, SignInScreen):
                await screen.start_again()
                screen.show_why_signed_out()

    # ── Screens ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def our_screen(self) -> BaseScreen[Any]:
        """The topmost screen, ignoring Textual's command palette."""
        return next(each for each in reversed(self.screen_stack) if isinstance(each, BaseScreen))

    @work(group=ACTION_GROUP)
    async def action_find(self) -> None:
        if isinstance(self.screen, HomeScreen):
            self.screen.focus_search()
            return
        chosen = await self.push_screen_wait(FindAnythingDialog(self.session))
        if chosen is not None:
            await self._open_found(chosen)

    @work(group=ACTION_GROUP)
    async def on_search_panel_chosen(self, event: SearchPanel.Chosen) -> None:
        await self._open_found(event.result)

    async def _open_found(self, found: QuickResult) -> None:
        screen, code = self.screen, found.code if isinstance(found, StepTitle) else None
        if isinstance(found, SearchResultLine):
            await self._open_file(found.voter, found.case)
        elif code is not None and isinstance(screen, VoterStepGuideScreen):
            await screen.go_to(code)
        elif not self.session.locked:  # the terminal may have been locked during the search
            if isinstance(screen, HomeScreen):
                self.session.named_step = code or self.session.named_step
            await self.push_screen(StepOrErrorLookup(self.session, found))

    @work(group=ACTION_GROUP)
    async def on_open_voter_file(self, event: OpenVoterFile) -> None:
        await self._open_file(event.voter, event.case)

    async def _open_file(self, voter: int | None, number: str | None) -> None:
        screen = self.our_screen
        if voter is not None:
            with screen.opening():
                file = await screen.call_desk(VoterFiles.open, voter)
            if file is not None and await self.leave_to_home():
                call = await self.our_screen.run_use_case(lambda: self.session.call_of_opened_file(voter, file.name))
                if call is None:
                    return
                await self._open(VoterFileScreen(self.session, call, file))
                if number is not None:
                    await self._open_guide_of_case(call, file, number)
        elif number is not None:
            with screen.opening():
                case = await screen.call_desk(VoterFiles.open_case, number)
            if case is not None and await self.leave_to_home():
                self.session.begin_or_continue_call()
                await self._open(CaseScreen(self.session, case))

    async def _open_guide_of_case(self, call: CallWithOpenVoterFile, file: VoterFile, number: str) -> None:
        flows = [case.flow for case in file.cases if case.number == number]
        latest = [case.number for case in file.cases if case.flow in flows][:1]
        if latest == [number]:
            await self._open(VoterStepGuideScreen(self.session, call, flows[0]))

    @work(group=ACTION_GROUP)
    async def on_open_case(self, event: OpenCase) -> None:
        case = await self.our_screen.call_desk(VoterFiles.open_case, event.number)
        if case is not None:
            await self._open(CaseScreen(self.session, case))

    async def leave_to_home(self) -> bool:
        """Go back to the home screen. Returns False if the session is over."""
        while await self._close_questions():
            if isinstance(self.screen, HomeScreen):
                return True
            await self.pop_screen()
        return False

    async def _close_questions(self) -> bool:
        await self.until_unlocked()
        while self.session.signed_in is not None and self.screen.is_modal:
            await self.screen.dismiss(None)
            await self.until_unlocked()
        return self.session.signed_in is not None

    async def _open(self, screen: SignedInScreen) -> None:
        if await self._close_questions():
            await self.push_screen(screen, self._say_that_call_goes_on)

    def _say_that_call_goes_on(self, _: None) -> None:
        """After Escape in a file, remind the agent that the call has no outcome yet."""
        home = self.screen
        if isinstance(home, HomeScreen) and self.session.is_call_recent and self.check_action("end_call", ()):
            home.show_notice(call_end_texts.CALL_GOES_ON)

    @work(group=ACTION_GROUP)
    async def action_end_call(self) -> None:
        await self._end_call()

    async def action_quit(self) -> None:
        """Sign out and close the terminal. If a call is open, the agent first records its outcome."""
        in_file = any(isinstance(each, CaseScreen | VoterScreenBase) for each in self.screen_stack)
        in_call = (in_file or self.session.is_call_recent) and self.check_action("end_call", ())
        if in_call and not self.ending_call and not self.session.locked:
            self.quit_after_call()
        else:
            await super().action_quit()

    @work(group=ACTION_GROUP)
    async def quit_after_call(self) -> None:
        if await self._close_questions() and await self._end_call():
            await super().action_quit()

    async def _end_call(self) -> bool:
        """End the call shown on the current screen, if any. Returns False if the agent cancels."""
        screen = self.screen
        if not isinstance(screen, HomeScreen | CaseScreen | VoterScreenBase):
            return True
        session, on_home = self.session, isinstance(screen, HomeScreen)
        if not on_home and session.call_began is None and session.taken_call_back_for(screen.call_subject) is None:
            return await self.leave_to_home()  # the agent has answered a written request
        self.ending_call = True
        try:
            return await self.end_call(screen, screen.call_subject)
        finally:
            self.ending_call = False

    async def end_call(self, screen: BaseScreen[None], subject: CallSubject) -> bool:
        """Record how the call ended. On the home screen, correct the record of a call that has just ended."""
        session = self.session
        ending, last = EndCallQuestions(screen, session, subject), session.call_to_correct()
        correcting = isinstance(screen, HomeScreen) and ending.call_back is None and last is not None
        ended = await (ending.correct(last) if correcting and last is not None else ending.end())
        if ended is None or not await self.leave_to_home():
            return False
        if ending.call_back is not None:
            session.call_back = None
        session.end_call(ended if isinstance(ended, CallRecord) else None)
        home = self.screen
        if isinstance(home, HomeScreen):
            home.show_ended_call(ended)
        return True

    @work(group=ACTION_GROUP)
    async def on_take_call_back(self, event: TakeCallBack) -> None:
        screen, session = self.our_screen, self.session
        act = call_end_texts.TAKE_CALL_BACK
        line = await screen.call_desk(CallBacks.take, event.call_back, act=act)
        if line is not None:
            session.call_back = line
            if line.way is AnswerWay.WRITING:
                session.end_call(None)
            else:
                session.begin_or_continue_call()
            if line.has_file:
                await self._open_file(line.voter, line.case if line.voter is None else None)
            else:
                session.left_subject = CallSubject()
                screen.show_notice(call_end_texts.CALL_BACK_WITHOUT_FILE)

    @work(group=ACTION_GROUP)
    async def on_take_hand_over(self, event: TakeHandOver) -> None:
        screen = self.our_screen
        line = await screen.call_desk(HandOvers.take, event.hand_over, act=call_end_texts.TAKE_HAND_OVER)
        if line is not None:
            await self._open_file(line.voter, line.case if line.voter is None else None)

    @work(group=ACTION_GROUP)
    async def on_open_call_guide(self, event: OpenCallGuide) -> None:
        await self._open(VoterStepGuideScreen(self.session, event.call, event.flow))

    def action_incidents(self) -> None:
        self.push_screen(IncidentScreen(self.session))

    def action_journal(self) -> None:
        self.push_screen(JournalScreen(self.session))

    def action_overview(self) -> None:
        self.push_screen(SupervisorOverviewScreen(self.session))

    def action_toggle_help(self) -> None:
        screen = self.screen
        if isinstance(screen, HelpDialog):
            screen.action_back()
        elif isinstance(screen, BaseScreen):
            self.push_screen(
                HelpDialog(self.session, help_sentences_for_focused_widget(screen), explained_keys_of(screen))
            )

    def action_cheat_sheet(self) -> None:
        screen = self.screen
        if isinstance(screen, CheatSheet):
            screen.action_back()
        elif isinstance(screen, BaseScreen):
            self.push_screen(CheatSheet(self.session, explained_keys_of(screen)))

    def action_command_palette(self) -> None:
        if not self.screen.is_modal:
            placeholder = self.session.translator.say(desk_terminal_texts.PALETTE_PLACEHOLDER)
            self.push_screen(CommandPalette([PaletteProvider], placeholder=placeholder))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        signed_in, screen = self.session.signed_in, self.screen
        if action == key_bindings.FIND.action and isinstance(screen, HomeScreen) and screen.is_search_focused:
            return False
        if action == "end_call":
            return signed_in is not None and may_act(signed_in)
        if action in NOT_FOR_AGENTS:
            return signed_in is not None and signed_in.role is not AgentRole.AGENT
        return action not in NEEDS_SIGN_IN or signed_in is not None

    def on_screen_reader_announcement(self, event: ScreenReaderAnnouncement) -> None:
        announced = self.session.recent_announcements
        if self.session.linear and event.text and event.text not in list(announced)[-1:]:
            announced.append(event.text)
            for screen in self.screen_stack[-1:]:
                for line in screen.query(LinearModeAnnouncements):
                    line.show()
