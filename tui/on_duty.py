"""What the screens behind the sign-in share: the line on top, and that a step's code can be typed anywhere."""

from asyncio import sleep
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.widgets import Input

from core.text import TimeOfDay
from core.words import desk as words
from tui import keys
from tui.frame import Asking
from tui.line import Line
from tui.messages import LetterTyped

CLOCK_SECONDS = 5
LOOK_SECONDS = 0.4
"""Between two looks: what happens is on the screen within a second."""


class TopLine(Horizontal):
    """Where one is, who one is, and the election's clock."""


class OnDuty(Asking[None]):
    """A screen of someone signed in."""

    BINDINGS: ClassVar[list[BindingType]] = [keys.BACK]

    def compose(self) -> ComposeResult:
        """The line on top, then the frame."""
        with TopLine():
            yield Line(self.where, id="where")
            yield Line(self._who(), id="who")
        yield from super().compose()

    def on_mount(self) -> None:
        """The clock goes."""
        self.set_interval(CLOCK_SECONDS, self.tell_time)

    def tell_time(self) -> None:
        """On the line on top, unless the screen is just drawn anew or goes away part by part."""
        for line in self.query("#who").results(Line):
            line.write(self._who())

    @property
    def is_worked_at(self) -> bool:
        """Whether it is in front, or only a dialog is before it."""
        screens = [screen for screen in self.app.screen_stack if isinstance(screen, OnDuty)]
        return bool(screens) and screens[-1] is self

    @property
    def where(self) -> str:
        """What this screen is about, in a few words."""
        return self.say(words.DESK_OF)

    def _who(self) -> str:
        house = self.sitting.house
        clock = TimeOfDay(house.calendar.local(house.clock.now()))
        return self.say(words.WHO_AND_WHEN, name=self.sitting.on_duty.name, clock=clock)

    def on_key(self, event: Key) -> None:
        """What is typed where there is no input begins a step's code."""
        if event.is_printable and event.character and not isinstance(self.focused, Input):
            event.stop()
            self.post_message(LetterTyped(event.character))

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()


class Following(OnDuty):
    """A screen that follows what happens by itself."""

    look_seconds: ClassVar[float] = LOOK_SECONDS

    def on_mount(self) -> None:
        """Begins to follow."""
        super().on_mount()
        self.call_after_refresh(self.follow)

    @work
    async def follow(self) -> None:
        """Looks again and again, while this is the screen one works at."""
        while self.is_attached:
            if self.is_worked_at:
                async with self.drawing:
                    await self.look()
            await sleep(self.look_seconds)

    async def look(self) -> None:
        """Reads how things stand, and shows it."""
