"""Base classes of the screens that an agent sees after signing in. An agent can type the code of a step on any of them."""

from asyncio import Lock, Task, current_task, sleep
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ClassVar, TypeVar, TypeVarTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.widgets import Input
from textual.worker import Worker

from core.text.faces import desk_terminal_texts as words
from core.text.text import TimeOfDay
from tui import key_bindings
from tui.app_messages import CharacterTypedOutsideInput
from tui.base_screen import BaseScreen
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession

CLOCK_SECONDS = 5

S = TypeVar("S", bound="SignedInScreen")
Ts = TypeVarTuple("Ts")


def act_in_turn(act: Callable[[S, *Ts], Awaitable[None]]) -> Callable[[S, *Ts], Worker[None]]:
    """Decorator that runs a screen's actions one by one, and ignores an action that is already running or waiting."""

    @wraps(act)
    async def in_turn(screen: S, *about: *Ts) -> None:
        asked = (act.__name__, *about)
        if asked in screen.begun_acts.values():
            return
        screen.begun_acts[current_task()] = asked
        try:
            async with screen.act_lock:
                await act(screen, *about)
        finally:
            screen.allow_act_again()

    return work(in_turn, group="act")


class TopLine(Horizontal):
    pass


class SignedInScreen(BaseScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.BACK]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.act_lock = Lock()
        self.begun_acts = dict[Task[None] | None, tuple[object, ...]]()

    def compose(self) -> ComposeResult:
        with TopLine():
            yield PlainTextLine(self.top_title, id="title")
            yield PlainTextLine(self._agent_and_clock(), id="agent")
        yield from super().compose()

    def on_mount(self) -> None:
        self.set_interval(CLOCK_SECONDS, self.update_clock)

    def update_clock(self) -> None:
        for line in self.query("#agent").results(PlainTextLine):
            line.write(self._agent_and_clock())

    @property
    def is_topmost_signed_in_screen(self) -> bool:
        """Return whether this screen is on top or covered only by dialogs."""
        screens = [screen for screen in self.app.screen_stack if isinstance(screen, SignedInScreen)]
        return bool(screens) and screens[-1] is self

    @property
    def top_title(self) -> str:
        return self.say(words.DESK_OF)

    @property
    def screen_reader_title(self) -> str:
        return self.top_title

    def _agent_and_clock(self) -> str:
        desk = self.session.desk
        clock = TimeOfDay(desk.calendar.to_local(desk.clock.now()))
        return self.say(words.WHO_AND_WHEN, name=self.session.agent.name, clock=clock)

    def on_key(self, event: Key) -> None:
        if isinstance(self.focused, Input) or event.key == key_bindings.CHEAT_SHEET.key:
            return
        if event.is_printable and event.character:
            event.stop()
            self.handle_character_outside_input(event.character)

    def handle_character_outside_input(self, character: str) -> None:
        self.post_message(CharacterTypedOutsideInput(character))

    def allow_act_again(self) -> None:
        """Let the agent start the current action again before it has ended."""
        self.begun_acts.pop(current_task(), None)

    def action_back(self) -> None:
        self.dismiss()


class SelfUpdatingScreen(SignedInScreen):
    poll_seconds: ClassVar[float] = 0.7
    """Pause between two checks for changes, in seconds."""

    @property
    def updates_now(self) -> bool:
        return self.is_topmost_signed_in_screen and not self.session.locked

    def on_mount(self) -> None:
        self.call_after_refresh(self.poll)

    @work
    async def poll(self) -> None:
        while self.is_attached:
            if self.updates_now:
                async with self.redraw_lock:
                    if await self.is_reload_due():
                        await self.reload()
            await sleep(self.poll_seconds)

    async def is_reload_due(self) -> bool:
        return True

    async def reload(self) -> None:
        """Read the data again and show it."""

    async def reload_after_last_look(self) -> None:
        """Reload after an action, to show its result. Waits for a reload that is already running."""
        async with self.redraw_lock:
            await self.reload()
