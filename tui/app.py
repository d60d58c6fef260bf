"""Which screen is up; nothing else."""

from pathlib import PurePath
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from core.text import Language
from tui import keys, themes
from tui.frame import LEAST_COLUMNS, LEAST_LINES, TALL_LINES, WIDE_COLUMNS, Asking
from tui.help import HelpDialog, about, keys_of
from tui.lookup import Lookup
from tui.palette import palette
from tui.sign_in import SignIn
from tui.sitting import Sitting


class Desk(App[None]):
    """One agent's terminal."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "dialog.tcss"]
    TITLE = "Retrouve"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012  # as Textual declares it
        (0, "-too-narrow"),
        (LEAST_COLUMNS, "-narrow"),
        (WIDE_COLUMNS, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012  # likewise
        (0, "-too-short"),
        (LEAST_LINES, "-short"),
        (TALL_LINES, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [keys.FIND, keys.CODE, keys.COMMANDS, keys.LOCK, keys.QUIT]

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name

    def on_mount(self) -> None:
        """Nobody has signed in yet."""
        self.push_screen(SignIn(self.sitting))

    def get_key_display(self, binding: Binding) -> str:
        """In the agent's language."""
        return keys.name_of(binding, self.sitting.voice)

    def action_explain(self) -> None:
        """What is in focus; again, and it closes."""
        screen = self.screen
        if isinstance(screen, HelpDialog):
            screen.action_back()
        elif isinstance(screen, Asking):
            self.push_screen(HelpDialog(self.sitting, about(screen), keys_of(screen)))

    def action_look_up(self, typed: str = "") -> None:
        """A step by its code."""
        self.push_screen(Lookup(self.sitting, typed))

    def action_command_palette(self) -> None:
        """Ours: in the agent's language."""
        self.push_screen(palette(self.sitting))

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
