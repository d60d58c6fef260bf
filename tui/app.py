"""The application: it decides which screen is shown, and nothing else."""

from asyncio import to_thread
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePath
from typing import ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent, Key

from core.desk.authorisation import AgentSession
from core.desk.call_records import EndedCall
from core.desk.error_message_lookup import ErrorStepReference, ExplainedError, FoundCommonProblem
from core.desk.voter_files import VoterFile
from core.desk.voter_or_case import VoterOrCase
from core.desk.voter_search import SearchResultLine
from core.forms.errors import Refusal
from core.ports import StoreUnavailable
from core.text.faces import call_end_and_call_back_words
from core.text.faces import desk_words as words
from core.text.text import Language
from tui import key_bindings, themes
from tui.app_messages import (
    AgentMustSignInAgain,
    ChangeAnnounced,
    DatabaseLost,
    EndCall,
    LetterTyped,
    LockedByDaemon,
    OpenCallGuide,
    OpenCase,
    OpenIncidents,
    OpenJournal,
    OpenOverview,
    OpenVoterFile,
    SignedIn,
    TakeCallBack,
    TakeHandOver,
)
from tui.base_screen import LEAST_COLUMNS, LEAST_LINES, TALL_LINES, VAST_COLUMNS, WIDE_COLUMNS, BaseScreen
from tui.case_screen import CaseScreen
from tui.cheat_sheet import CheatSheet
from tui.command_palette import palette
from tui.dialog import Dialog
from tui.end_call_questions import EndCallQuestions
from tui.field_widgets import FieldInput
from tui.find_anything_dialog import FindAnythingDialog
from tui.form_dialogs import LockScreen, VerifyCallerDialog
from tui.help_dialog import HelpDialog, help_about, keys_of
from tui.home_screen import HomeScreen
from tui.incident_screen import IncidentScreen
from tui.journal_screen import JournalScreen
from tui.linear_mode_announcements import LinearModeAnnouncements
from tui.overview_screen import OverviewScreen
from tui.remembered_appearance import NOBODY, Appearance
from tui.search_panel import SearchPanel
from tui.sign_in_screen import SignInScreen
from tui.step_or_error_lookup import StepOrErrorLookup
from tui.terminal_session import PhoneCall, TerminalSession
from tui.timeline_widget import LINEAR
from tui.voter_file_screen import VoterFileScreen
from tui.voter_screen_base import VoterScreenBase
from tui.voter_step_guide_screen import VoterStepGuideScreen

CHECK_SECONDS = 1.0
PRESENCE = timedelta(seconds=20)
"""Time between two words to the daemon that the agent is there; less than the grace it gives (`request_handling`)."""
DATE_SEPARATORS = {"/", ".", "-", " "}
NEEDS_SIGN_IN = {"find", "look_up", "lock"}


class DeskApp(App[None]):
    """One agent's terminal."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "dialog.tcss"]
    TITLE = "Retrouve"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012  # as Textual declares it
        (0, "-too-narrow"),
        (LEAST_COLUMNS, "-narrow"),
        (WIDE_COLUMNS, "-wide"),
        (VAST_COLUMNS, "-vast"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012  # likewise
        (0, "-too-short"),
        (LEAST_LINES, "-short"),
        (TALL_LINES, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.FIND,
        key_bindings.CODE,
        key_bindings.LOCK,
        key_bindings.COMMANDS,
        *key_bindings.FOCUS_KEYS,
    ]

    def __init__(self, session: TerminalSession, keep_running: Callable[[], bool] = lambda: True) -> None:
        linear = [*self.CSS_PATH, "linear.tcss"] if session.linear else None
        super().__init__(css_path=linear)
        self.set_class(session.linear, LINEAR)
        self.session = session
        self.keep_running = keep_running
        self.last_input = self.presence_told = session.services.clock.now()
        self.database_lost = False
        self.ending_call = False
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name
        self._take_appearance(NOBODY if session.signed_in is None else session.agent.name)

    # ── Who is signed in ─────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        """Show the sign-in screen, and the home over it when somebody is signed in already."""
        self.push_screen(SignInScreen(self.session))
        if self.session.signed_in is not None:
            self.push_screen(HomeScreen(self.session))
        self.set_interval(CHECK_SECONDS, self.check_idle_and_database)

    def on_signed_in(self, event: SignedIn) -> None:
        """Show the home, in the colours and the language that this agent chose last."""
        self.session.signed_in, self.session.unsure = event.session, None
        self._take_appearance(event.session.name)
        self.push_screen(HomeScreen(self.session))

    async def on_agent_must_sign_in_again(self, event: AgentMustSignInAgain) -> None:  # noqa: ARG002  # Textual's signature
        """Go back to the sign-in screen, whatever was open; once, however many use cases say so."""
        chooses = any(isinstance(each, SignInScreen) and each.pending is not None for each in self.screen_stack[-1:])
        if self.session.signed_in is None and not chooses:
            return
        while len(self.screen_stack) > 2:  # noqa: PLR2004  # Textual's own screen, then the sign-in
            await self.pop_screen()
        self.session.signed_in = None
        self.session.forget()
        for screen in self.screen_stack[-1:]:  # none, when the terminal closes meanwhile
            if isinstance(screen, SignInScreen):
                await screen.start_again()
                screen.show_why_signed_out()

    async def on_event(self, event: Event) -> None:
        """Note each key and mouse movement, and give keys that come in one burst to the inputs that they are meant for."""
        if isinstance(event, InputEvent):
            self.last_input = self.session.services.clock.now()
        if not (
            isinstance(event, Key) and isinstance(self.focused, FieldInput) and self._is_taken(event, self.focused)
        ):
            await super().on_event(event)

    def _is_taken(self, key: Key, focused: FieldInput) -> bool:
        """Go to the next input here, and in no widget: the keys that follow at once go there too. Drop what has no input left."""
        if key.is_forwarded:
            return False  # it comes by again on its way up from the input
        form, entered = focused.form, key.key == "enter"
        if form is not None and form.answering:
            return entered or key.is_printable
        if key.character is not None and key.character.isdecimal() and focused.maximum_digits is not None:
            part = focused.take_digit(key.character)
            if part is not focused:
                self.screen.set_focus(part)  # at once: `focus` would come after the next key
            return True
        last = form is None or form.is_last_input(focused)
        if (key.character in DATE_SEPARATORS and focused.has_next_part) or (entered and not last):
            self.screen.focus_next(FieldInput)
            return True
        if entered and form is not None:
            form.answering = True
        return False

    def check_idle_and_database(self) -> None:
        """End when told to, lock a terminal left alone, and check whether a lost database is back."""
        if not self.keep_running():
            self.exit()
        if not self.screen_stack:
            return  # a last tick comes after the screens have gone
        services = self.session.services
        idle, policy = services.clock.now() - self.last_input, services.policy
        left = timedelta(minutes=policy.desk_idle_minutes) - idle
        if self.session.signed_in is not None and not self._acts_for_verified_caller:
            if left <= timedelta():
                self.action_lock()
            elif left <= timedelta(minutes=policy.desk_warning_minutes) and isinstance(self.screen, BaseScreen):
                self.screen.warn_of_lock(policy.desk_warning_minutes)
        self._tell_presence()
        if self.database_lost:
            self.check_database()

    @property
    def _acts_for_verified_caller(self) -> bool:
        """Return whether an act is under way for a verified caller: a supervisor may be on the way to approve."""
        screens = (screen for screen in self.screen_stack if isinstance(screen, VoterScreenBase))
        return any(screen.is_acting_for_verified_caller for screen in screens)

    def action_draw_again(self) -> None:
        """Draw the terminal again, over what another program may have written."""
        self.refresh(layout=True)

    def action_copy_or_show_quit_key(self) -> None:
        """Copy what is selected, or say how to quit."""
        screen = self.screen
        selected = screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
        if isinstance(screen, BaseScreen):
            screen.show_notice(words.COPIED if selected else words.QUIT_BY)

    def action_lock(self) -> None:
        """Hide everything; unlocked, it is as it was."""
        if not isinstance(self.screen, LockScreen):
            self.record_lock(self.session.agent)
            self.session.locked = True
            self.push_screen(LockScreen(self.session), self._unlocked)

    def _unlocked(self, session: AgentSession | None) -> None:
        self.session.locked = session is None

    def on_locked_by_daemon(self, event: LockedByDaemon) -> None:  # noqa: ARG002  # Textual's signature
        """Ask for the password that the daemon asks for."""
        if self.session.signed_in is not None and self.screen_stack:
            self.action_lock()

    def _tell_presence(self) -> None:
        """Tell the daemon once in a while that the agent is there, or that an act for a verified caller goes on."""
        now, signed_in = self.session.services.clock.now(), self.session.signed_in
        there = self.last_input > self.presence_told or self._acts_for_verified_caller
        if signed_in is None or isinstance(self.screen, LockScreen) or not there or now - self.presence_told < PRESENCE:
            return
        self.presence_told = now
        self.keep_open(signed_in)

    @work(thread=True)
    def keep_open(self, agent: AgentSession) -> None:
        """Tell the daemon; what it refuses, the next act is told."""
        with suppress(StoreUnavailable, Refusal):
            self.session.desk.sessions.keep_open(agent)

    @work(thread=True)
    def record_lock(self, agent: AgentSession) -> None:
        """Record the lock; neither a lost database nor a daemon that forgot the session keeps the terminal open."""
        with suppress(StoreUnavailable, Refusal):
            self.session.desk.sessions.lock(agent)

    async def action_quit(self) -> None:
        """Sign out and end."""
        if self.session.signed_in is not None:
            with suppress(StoreUnavailable, Refusal):
                await to_thread(self.session.desk.sessions.sign_out, self.session.signed_in)
        self.exit()

    # ── Which screen ─────────────────────────────────────────────────────────────────────────────────────

    async def action_find(self) -> None:
        """Search for a voter, a case, a step or a message; on the home, where the search is already."""

        def open_chosen(chosen: SearchPanel.Chosen | None) -> None:
            if chosen is not None:
                self.screen.post_message(chosen)

        if isinstance(self.screen, HomeScreen):
            self.screen.focus_search()
        else:
            await self.push_screen(FindAnythingDialog(self.session), open_chosen)

    async def on_search_panel_chosen(self, event: SearchPanel.Chosen) -> None:
        """Open the file of a person or case, or show a step or a message."""
        match event.result:
            case SearchResultLine():
                self.screen.post_message(OpenVoterFile(event.result.voter, event.result.case))
            case ErrorStepReference():
                await self.action_look_up(event.result.code)
            case FoundCommonProblem():
                await self._look_up(event.result.step.code, trouble=event.result)
            case ExplainedError():
                await self._look_up(event.typed, chosen=event.result.id)

    @work
    async def on_open_voter_file(self, event: OpenVoterFile) -> None:
        """Open the file of a voter or of a case over the home: one call at a time."""
        screen, agent, files = self.screen, self.session.agent, self.session.desk.files
        assert isinstance(screen, BaseScreen)  # noqa: S101  # only ours are ever shown
        voter, number = event.voter, event.case
        if voter is not None:
            file = await screen.run_use_case(lambda: files.open(agent, voter))
            if file is not None:
                await self._leave_to_home()
                call = await screen.run_use_case(lambda: self.session.call_of_opened_file(voter, file.name))
                if call is None:
                    return
                await self.push_screen(VoterFileScreen(self.session, call, file))
                if number is not None:
                    self.open_guide_of_case(call, file, number)
        elif number is not None:
            case = await screen.run_use_case(lambda: files.open_case(agent, number))
            if case is not None:
                await self._leave_to_home()
                self.session.begin_or_continue_call()
                await self.push_screen(CaseScreen(self.session, case))

    def open_guide_of_case(self, call: PhoneCall, file: VoterFile, number: str) -> None:
        """Show the guide of the case whose number the caller gave, when it is the latest of its flow."""
        flows = [case.flow for case in file.cases if case.number == number]
        latest = [case.number for case in file.cases if case.flow in flows][:1]
        if latest == [number]:
            self.push_screen(VoterStepGuideScreen(self.session, call, flows[0]))

    @work
    async def on_open_case(self, event: OpenCase) -> None:
        """Open a case over the file of its voter."""
        screen, agent, files = self.screen, self.session.agent, self.session.desk.files
        assert isinstance(screen, BaseScreen)  # noqa: S101  # only ours are ever shown
        case = await screen.run_use_case(lambda: files.open_case(agent, event.number))
        if case is not None:
            await self.push_screen(CaseScreen(self.session, case))

    async def _leave_to_home(self) -> None:
        while not isinstance(self.screen, HomeScreen):
            await self.pop_screen()

    @work
    async def on_end_call(self, event: EndCall) -> None:
        """Write the call down and go back to the home; the verification ends with the call."""
        if not self.ending_call:
            self.ending_call = True
            try:
                await self.end_call(event.subject)
            finally:
                self.ending_call = False

    async def end_call(self, subject: VoterOrCase) -> None:
        """Ask how the call ended, or correct the outcome of the one that has just ended; then the home says what was noted."""
        screen, session = self.screen, self.session
        assert isinstance(screen, BaseScreen)  # noqa: S101  # only ours are ever shown
        ending, last = EndCallQuestions(screen, session, subject), session.call_to_correct()
        correcting = isinstance(screen, HomeScreen) and ending.call_back is None and last is not None
        ended = await (ending.correct(last) if correcting and last is not None else ending.end())
        if ended is None:
            return
        await self._leave_to_home()
        if ending.call_back is not None:
            session.call_back = None
        session.end_call(ended if isinstance(ended, EndedCall) else None)
        home = self.screen
        if isinstance(home, HomeScreen):
            home.show_ended_call(ended)

    @work
    async def on_take_call_back(self, event: TakeCallBack) -> None:
        """Take a call-back and open its file; where there is none, F10 on the home ends it."""
        screen, session = self.screen, self.session
        assert isinstance(screen, BaseScreen)  # noqa: S101  # only ours are ever shown
        line = await screen.run_use_case(lambda: session.desk.call_backs.take(session.agent, event.call_back))
        if line is not None:
            session.call_back = line
            session.begin_or_continue_call()
            if line.has_file:
                screen.post_message(OpenVoterFile(line.voter, line.case if line.voter is None else None))
            else:
                screen.show_notice(call_end_and_call_back_words.CALL_BACK_WITHOUT_FILE)

    @work
    async def on_take_hand_over(self, event: TakeHandOver) -> None:
        """Take a file that was handed over, and open it."""
        screen, session = self.screen, self.session
        assert isinstance(screen, BaseScreen)  # noqa: S101  # only ours are ever shown
        line = await screen.run_use_case(lambda: session.desk.hand_overs.take(session.agent, event.hand_over))
        if line is not None:
            screen.post_message(OpenVoterFile(line.voter, line.case if line.voter is None else None))

    def on_open_call_guide(self, event: OpenCallGuide) -> None:
        """Show the guide of a flow."""
        self.push_screen(VoterStepGuideScreen(self.session, event.call, event.flow))

    def on_open_incidents(self, event: OpenIncidents) -> None:  # noqa: ARG002  # Textual's signature
        """Show the known incidents."""
        self.push_screen(IncidentScreen(self.session))

    def on_open_journal(self, event: OpenJournal) -> None:  # noqa: ARG002  # Textual's signature
        """Show the journal."""
        self.push_screen(JournalScreen(self.session))

    def on_open_overview(self, event: OpenOverview) -> None:  # noqa: ARG002  # Textual's signature
        """Show the desk as a whole."""
        self.push_screen(OverviewScreen(self.session))

    async def action_look_up(self, typed: str = "") -> None:
        """Look up a step by its code, or a message by its words."""
        await self._look_up(typed)

    async def _look_up(self, typed: str, *, chosen: str = "", trouble: FoundCommonProblem | None = None) -> None:
        """Show the look-up. A code that the caller says is where the guide begins, or goes to."""
        beneath = self.screen

        async def take_code(code: str | None) -> None:
            if code is not None and isinstance(beneath, VoterStepGuideScreen):
                await beneath.go_to(code)

        def said(code: str) -> None:
            if isinstance(beneath, HomeScreen):
                self.session.said = code

        guided = isinstance(beneath, VoterStepGuideScreen)
        lookup = StepOrErrorLookup(self.session, typed, said, chosen=chosen, trouble=trouble, returns_step=guided)
        await self.push_screen(lookup, take_code)

    async def on_letter_typed(self, event: LetterTyped) -> None:
        """Begin to look up a step, or to verify a caller; a dialog that was opening meanwhile gets the letter instead."""
        screen, letter = self.screen, event.letter
        if isinstance(screen, Dialog):
            screen.insert_letter(letter)
        elif letter.isalpha():
            await self.action_look_up(letter)
        elif letter.isdecimal() and isinstance(screen, VoterStepGuideScreen):
            screen.open_problem(int(letter))
        elif letter.isdecimal() and isinstance(screen, VoterFileScreen) and screen.may_verify:
            dialog = VerifyCallerDialog(self.session, screen.call)
            await self.push_screen(dialog, screen.caller_verified)
            dialog.insert_letter(letter)

    def action_toggle_help(self) -> None:
        """Show help about what has the focus, or close it."""
        screen = self.screen
        if isinstance(screen, HelpDialog):
            screen.action_back()
        elif isinstance(screen, BaseScreen):
            self.push_screen(HelpDialog(self.session, help_about(screen), keys_of(screen)))

    def action_cheat_sheet(self) -> None:
        """Show the keys of the screen in front, or close them."""
        screen = self.screen
        if isinstance(screen, CheatSheet):
            screen.action_back()
        elif isinstance(screen, BaseScreen):
            self.push_screen(CheatSheet(self.session, keys_of(screen)))

    def action_command_palette(self) -> None:
        """Show our palette, in the agent's language."""
        self.push_screen(palette(self.session))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Allow the search only after signing in."""
        return self.session.signed_in is not None if action in NEEDS_SIGN_IN else True

    def on_change_announced(self, event: ChangeAnnounced) -> None:
        """Tell a change as a line at the bottom, unless it was told last."""
        announced = self.session.announced
        if self.session.linear and event.text and event.text not in list(announced)[-1:]:
            announced.append(event.text)
            for screen in self.screen_stack[-1:]:
                for line in screen.query(LinearModeAnnouncements):
                    line.show()

    # ── Appearance ───────────────────────────────────────────────────────────────────────────────────────

    def get_key_display(self, binding: Binding) -> str:
        """Name a key in the agent's language."""
        return key_bindings.key_name(binding, self.session.translator)

    def action_next_theme(self) -> None:
        """Switch to the next colours: dark, light, contrasted."""
        names = [theme.name for theme in themes.THEMES]
        self.action_choose_theme(names[(names.index(self.theme) + 1) % len(names)])

    def action_choose_theme(self, name: str) -> None:
        """Switch to those colours, and remember them."""
        self.theme = name
        self._keep_appearance()

    def _take_appearance(self, agent: str) -> None:
        chosen = self.session.remembered.of(agent)
        if chosen is not None and chosen.theme in self.available_themes:
            self.session.language, self.theme = chosen.language, chosen.theme

    def _keep_appearance(self) -> None:
        agent = NOBODY if self.session.signed_in is None else self.session.agent.name
        self.session.remembered.keep(agent, Appearance(self.theme, self.session.language))

    async def action_change_language(self) -> None:
        """Switch to the other language."""
        await self.action_use_language(next(each for each in Language if each is not self.session.language))

    async def action_use_language(self, language: str) -> None:
        """Draw every screen again in that language."""
        self.session.language = Language(language)
        self._keep_appearance()
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                await screen.redraw()

    # ── The database ─────────────────────────────────────────────────────────────────────────────────────

    def on_database_lost(self, event: DatabaseLost) -> None:  # noqa: ARG002  # Textual's signature
        """Say so on every screen, until the database is back."""
        self._set_database_lost(lost=True)

    @work(exclusive=True, group="store")
    async def check_database(self) -> None:
        """Check whether the database answers again."""
        if await to_thread(self.session.services.database_answers):
            self._set_database_lost(lost=False)

    def _set_database_lost(self, *, lost: bool) -> None:
        self.database_lost = lost
        for screen in self.screen_stack:
            screen.set_class(lost, "-lost")
            if not lost:
                for panel in screen.query(SearchPanel):
                    panel.search_again()
