"""Base classes of the screens shown after sign-in."""

from asyncio import sleep
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from core.text.faces import desk_terminal_texts as words
from core.text.text import TimeOfDay
from tui import key_bindings
from tui.base_screen import ACTION_GROUP, BaseScreen
from tui.plain_text_line import PlainTextLine

CLOCK_SECONDS = 5


class TopLine(Horizontal):
    pass


class SignedInScreen(BaseScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.BACK]

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
        """Return whether this screen is on top. Dialogs above the screen are ignored."""
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

    def action_back(self) -> None:
        self.dismiss()


class SelfUpdatingScreen(SignedInScreen):
    poll_seconds: ClassVar[float] = 0.7
    """How often to check for changes, in seconds."""

    @property
    def updates_now(self) -> bool:
        return self.is_topmost_signed_in_screen and not self.session.locked

    def on_mount(self) -> None:
        self.look_first()

    @work(group=ACTION_GROUP)
    async def look_first(self) -> None:
        """Read the data for the first time. Keys typed during this are handled afterwards."""
        await self.wait_for_refresh()  # the layout decides where lines are wrapped
        await self.look()
        self.poll()

    @work
    async def poll(self) -> None:
        while self.is_attached:
            await sleep(self.poll_seconds)
            await self.look()

    async def look(self) -> None:
        if self.updates_now:
            async with self.redraw_lock:
                if await self.is_reload_due():
                    await self.reload()

    async def is_reload_due(self) -> bool:
        return True

    async def reload(self) -> None:
        """Read the data again and show it."""

    async def reload_after_last_look(self) -> None:
        """Wait until a running reload has ended. Then reload again to show an action's result."""
        async with self.redraw_lock:
            await self.reload()
