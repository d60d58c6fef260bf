"""Which screen is up; nothing else."""

from asyncio import to_thread
from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePath
from typing import ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent, Key

from core.ports import Unready
from core.service.desk.finding import Found
from core.service.desk.proofs import Duty
from core.text import Language
from tui import keys, themes
from tui.case_file import CaseFileScreen
from tui.dialog import Dialog
from tui.fields import Typed
from tui.find_voter import FindVoter
from tui.frame import LEAST_COLUMNS, LEAST_LINES, TALL_LINES, VAST_COLUMNS, WIDE_COLUMNS, Asking
from tui.help import HelpDialog, about, keys_of
from tui.home import HomeScreen
from tui.idle import Idle
from tui.lock import Lock
from tui.lookup import Lookup
from tui.messages import DutyEnded, FileWanted, GuideWanted, LetterTyped, SignedIn, StoreLost
from tui.palette import palette
from tui.sign_in import SignIn
from tui.sitting import Call, Sitting
from tui.step_screen import StepScreen
from tui.voter_file import VoterFileScreen

WATCH_SECONDS = 1.0
BETWEEN_PARTS = {"/", ".", "-", " "}
"""What stands between the parts of a date."""
ON_DUTY = {"find", "look_up", "lock"}
"""What only someone on duty can do."""


class Desk(App[None]):
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
    BINDINGS: ClassVar[list[BindingType]] = [keys.FIND, keys.CODE, keys.LOCK, keys.COMMANDS, *keys.ONWARD]

    def __init__(self, sitting: Sitting, go_on: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self.sitting = sitting
        self.go_on = go_on
        self.idle = Idle(sitting.house)
        self.lost = False
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name

    # ── Who is there ─────────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        """The sign-in, and behind it whoever signs in, or is signed in already."""
        self.push_screen(SignIn(self.sitting))
        if self.sitting.duty is not None:
            self.push_screen(HomeScreen(self.sitting))
        self.set_interval(WATCH_SECONDS, self.look_after)

    def on_signed_in(self, event: SignedIn) -> None:
        """To the home."""
        self.sitting.duty = event.duty
        self.push_screen(HomeScreen(self.sitting))

    async def on_duty_ended(self, event: DutyEnded) -> None:  # noqa: ARG002  # Textual's signature
        """Back to the sign-in, whatever was open."""
        while len(self.screen_stack) > 2:  # noqa: PLR2004  # Textual's own screen, then the sign-in
            await self.pop_screen()
        self.sitting.duty = None
        for screen in self.screen_stack[-1:]:  # none, when the terminal closes meanwhile
            if isinstance(screen, SignIn):
                await screen.start_again()

    async def on_event(self, event: Event) -> None:
        """Every key and every movement of the mouse is a sign of life; a date is typed as one writes it."""
        if isinstance(event, InputEvent):
            self.idle.touch()
        if isinstance(event, Key) and event.character in BETWEEN_PARTS and self._in_a_date:
            self.screen.focus_next(Typed)  # here, and in no widget: the keys that follow at once go there too
        else:
            await super().on_event(event)

    @property
    def _in_a_date(self) -> bool:
        return isinstance(self.focused, Typed) and self.focused.is_followed

    def look_after(self) -> None:
        """Locks a terminal that was left alone; looks whether a lost database is back, and whether to go on."""
        if not self.go_on():
            self.exit()
        if self.idle.over and self.sitting.duty is not None:
            self.action_lock()
        if self.lost:
            self.look_for_store()

    def action_lock(self) -> None:
        """Hides everything; it comes back as it was."""
        if not isinstance(self.screen, Lock):
            self.note_lock(self.sitting.on_duty)
            self.push_screen(Lock(self.sitting))

    @work(thread=True)
    def note_lock(self, duty: Duty) -> None:
        """The journal hears of it; a lost database does not keep the terminal open."""
        with suppress(Unready):
            self.sitting.house.desk.agents.lock(duty)

    async def action_quit(self) -> None:
        """Signs out, and ends."""
        duty = self.sitting.duty
        if duty is not None:
            with suppress(Unready):
                await to_thread(self.sitting.house.desk.agents.sign_out, duty)
        self.exit()

    # ── Which screen ─────────────────────────────────────────────────────────────────────────────────────

    async def action_find(self) -> None:
        """A person, then their file."""

        def chosen(found: Found | None) -> None:
            if found is not None:
                self.screen.post_message(FileWanted(found.voter, found.case))

        await self.push_screen(FindVoter(self.sitting), chosen)

    @work
    async def on_file_wanted(self, event: FileWanted) -> None:
        """The file of a person, or of a case."""
        await self.open_file(event)

    async def open_file(self, wanted: FileWanted) -> None:
        """Opens it over the home: one call at a time."""
        asking, duty, files = self.screen, self.sitting.on_duty, self.sitting.house.desk.files
        assert isinstance(asking, Asking)  # noqa: S101  # only ours are ever up
        voter, number = wanted.voter, wanted.case
        if voter is not None:
            file = await asking.ask(lambda: files.open(duty, voter))
            if file is not None:
                await self._over_home(VoterFileScreen(self.sitting, Call(voter, file.name), file))
        elif number is not None:
            case = await asking.ask(lambda: files.by_case(duty, number))
            if case is not None:
                await self._over_home(CaseFileScreen(self.sitting, case))

    async def _over_home(self, screen: Asking[None]) -> None:
        while not isinstance(self.screen, HomeScreen):
            await self.pop_screen()
        await self.push_screen(screen)

    def on_guide_wanted(self, event: GuideWanted) -> None:
        """Step by step."""
        self.push_screen(StepScreen(self.sitting, event.call, event.flow))

    async def action_look_up(self, typed: str = "") -> None:
        """A step by its code."""
        await self.push_screen(Lookup(self.sitting, typed))

    async def on_letter_typed(self, event: LetterTyped) -> None:
        """Begins the look-up of a step; a dialog that was opening meanwhile takes it."""
        if isinstance(self.screen, Dialog):
            self.screen.take(event.letter)
        elif event.letter.isalpha():
            await self.action_look_up(event.letter)

    def action_explain(self) -> None:
        """What is in focus; again, and it closes."""
        screen = self.screen
        if isinstance(screen, HelpDialog):
            screen.action_back()
        elif isinstance(screen, Asking):
            self.push_screen(HelpDialog(self.sitting, about(screen), keys_of(screen)))

    def action_command_palette(self) -> None:
        """Ours: in the agent's language."""
        self.push_screen(palette(self.sitting))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Before signing in there is nobody to find."""
        return self.sitting.duty is not None if action in ON_DUTY else True

    # ── How it looks ─────────────────────────────────────────────────────────────────────────────────────

    def get_key_display(self, binding: Binding) -> str:
        """In the agent's language."""
        return keys.name_of(binding, self.sitting.voice)

    def action_next_theme(self) -> None:
        """Dark, light, contrasted, and round again."""
        names = [theme.name for theme in themes.THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    async def action_change_language(self) -> None:
        """The other one."""
        await self.action_speak(next(each for each in Language if each is not self.sitting.language))

    async def action_speak(self, language: str) -> None:
        """Every screen is drawn again in that language."""
        self.sitting.language = Language(language)
        for screen in self.screen_stack:
            if isinstance(screen, Asking):
                await screen.redraw()

    # ── The database ─────────────────────────────────────────────────────────────────────────────────────

    def on_store_lost(self, event: StoreLost) -> None:  # noqa: ARG002  # Textual's signature
        """Says so on every screen, until it is back."""
        self._say_lost(lost=True)

    @work(exclusive=True, group="store")
    async def look_for_store(self) -> None:
        """Asks whether it answers again."""
        readiness = await to_thread(self.sitting.house.readiness)
        if set(readiness.values()) == {"ready"}:
            self._say_lost(lost=False)

    def _say_lost(self, *, lost: bool) -> None:
        self.lost = lost
        for screen in self.screen_stack:
            screen.set_class(lost, "-lost")
