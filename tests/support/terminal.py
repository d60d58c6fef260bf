"""Operates the agents' terminal with keys and clicks, and reads its screen."""

import re
from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from difflib import unified_diff
from functools import wraps
from threading import Event
from typing import Any
from unittest.mock import AsyncMock
from xml.etree import ElementTree as ET

import pytest
from rich.cells import set_cell_size
from textual.color import Color
from textual.css.query import NoMatches
from textual.events import Key
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from core.desk.authorisation import AgentSession
from core.desk.desk import TerminalDesk
from core.text.text import Language
from tests.support.desk import NUMEN
from tests.support.worlds import World
from tui.appearance import RememberedThemeAndLanguage
from tui.desk_app import DeskApp
from tui.plain_text_line import GLUE
from tui.terminal_session import TerminalSession
from tui.voter_file_screen import VoterFileScreen

SMALL, LARGE, HUGE = (80, 24), (120, 40), (200, 60)
LOOKS, FIRST_PAUSE, LONGEST_PAUSE, SLOWER = 300, 0.02, 0.2, 1.2
"""Maximum number of times that a test looks at the screen, and the pauses between the looks in seconds.

The pauses grow, because each look uses the processor.
"""
LOOKS_UNCHANGED = 40
"""Number of looks in which the screen must stay the same to count as complete."""
SVG = "{http://www.w3.org/2000/svg}"
LINE_NUMBER = re.compile(r"-line-(\d+)\)")
CHARACTER_WIDTH = 12.2
"""Width of a character in a screenshot, in units of its SVG."""
HELD_SECONDS = 180
"""Maximum number of seconds for which a use case is blocked."""


@dataclass
class Terminal:
    app: DeskApp
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        """Text of the screen, line by line, read from a screenshot."""
        lines = [""] * self.app.size.height
        screenshot = self.app.export_screenshot(simplify=True).replace("&#160;", " ")
        for text in ET.fromstring(screenshot).iter(f"{SVG}text"):  # noqa: S314  # made by our own terminal
            if line := LINE_NUMBER.search(text.get("clip-path", "")):
                number, column = int(line[1]), round(float(text.attrib["x"]) / CHARACTER_WIDTH)
                while number >= len(lines):  # just after a resize, the screenshot can still have the former height
                    lines.append("")
                lines[number] = set_cell_size(lines[number], column) + str(text.text)
        return "\n".join(line.rstrip() for line in lines) + "\n"

    @property
    def strips(self) -> list[tuple[Widget, Strip]]:
        """Lines of each visible widget, with their colours."""
        visible = [each for each in self.app.screen.query(Widget) if each.region.area]
        return [(each, strip) for each in visible for strip in each.render_lines(Region(0, 0, *each.outer_size))]

    @property
    def words(self) -> str:
        """Texts on the screen, each without line breaks."""
        return "\n".join(" ".join(text.split()) for text in texts_in(self.app.screen, shown=True))

    async def press(self, *pressed: str) -> None:
        """Press keys, and wait until the terminal has nothing to do."""
        self.at_once(*pressed)  # `press` of the pilot waits twice after each key
        await self.pilot.pause()

    async def type(self, typed: str) -> None:
        """Type a text, one character after the other."""
        await self.press(*typed)

    async def burst(self, *typed: str) -> None:
        """Type texts without a pause, as a password manager does. Lines end with CR, LF or both."""
        await self.type("".join(typed))

    def at_once(self, *keys: str) -> None:
        """Press all of these keys without a pause. A key is a character or a name such as "f10"."""
        for key in keys:
            self.app.post_message(Key(NAMED.get(key, key), key if len(key) == 1 else None))

    async def sees(self, *wanted: str) -> None:
        """Wait until the screen shows all of the given texts."""

        def all_shown() -> bool:
            words = self.words
            return all(each in words for each in wanted)

        await self.until(all_shown, f"{wanted}")

    async def answer(self, *typed: str) -> None:
        """Type a text into each input, and press Enter after each."""
        for each in typed:
            await self.until(lambda: self.app.focused is not None, "a focused input")
            await self.type(each)
            await self.press("enter")

    async def open_file(self, typed: str = "martin", name: str = "Camille Martin") -> None:
        """Search for a voter, and open the voter's file."""
        await self.press("f2")
        await self.sees("Chercher une personne")
        await self.type(typed)
        await self.sees(name)
        await self.press("enter")
        await self.sees("Ce qui s'est passé", "ouvre la fiche")

    async def set_file_reload_due(self, monkeypatch: pytest.MonkeyPatch, *, due: bool) -> VoterFileScreen:
        """Make the open file reload each time it checks its timeline, or never. Returns the screen of the file."""
        screen = self.app.screen
        assert isinstance(screen, VoterFileScreen)
        async with screen.redraw_lock:
            monkeypatch.setattr(screen, "is_reload_due", AsyncMock(return_value=due))
        return screen

    async def verify_caller(self, numen: str = NUMEN) -> None:
        """Type the caller's answers in the form that verifies the caller."""
        await self.press("f5")
        await self.sees("La personne dit être Camille Martin")
        await self.answer("31", "12", "1970", numen)

    async def put_on(self, theme: Theme) -> None:
        """Change the theme, and wait until the screen has its colours."""
        self.app.theme = theme.name
        wanted = Color.parse(self.app.get_css_variables()["foreground"])
        await self.until(lambda: self.app.screen.styles.color == wanted, theme.name)
        await self.pilot.pause()

    async def equals(self, expected: str, name: str) -> None:
        """Wait until the screen equals the stored snapshot.

        If the screen stops changing before that, fail and show the difference.
        """
        text = await self.complete_text(expected)
        if text != expected:
            lines = unified_diff(expected.splitlines(), text.splitlines(), f"stored {name}", "drawn", lineterm="")
            pytest.fail("\n".join(lines), pytrace=False)

    async def complete_text(self, expected: str | None = None, *, looks: int = LOOKS_UNCHANGED) -> str:
        """Wait until the screen equals the expected text or has not changed for some looks, and return its text."""
        shown, unchanged = "", 0
        while (text := self.text) != expected and unchanged < looks:
            if self.app.failure is not None:
                raise self.app.failure
            shown, unchanged = text, unchanged + 1 if text == shown else 0
            await sleep(LONGEST_PAUSE)
        return text

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds. If the terminal ends with an error, raise the error.

        The condition may query widgets that a new screen does not have yet.
        """
        pause = FIRST_PAUSE
        for _ in range(LOOKS):
            if self.app.failure is not None:
                raise self.app.failure
            with suppress(NoMatches):
                if condition():
                    return
            await sleep(pause)  # the pilot's pause would put a message into each widget's queue
            pause = min(pause * SLOWER, LONGEST_PAUSE)
        pytest.fail(f"{what} did not come:\n{self.text}")


NAMED = {
    "\r": "enter",
    "\n": "ctrl+j",
    " ": "space",
    "/": "slash",
    "-": "minus",
    "'": "apostrophe",
    "@": "at",
    ".": "full_stop",
}


def texts_in(parent: Widget, *, shown: bool = False) -> Iterator[str]:
    """Yield each text in a widget. With `shown`, yield only visible texts."""
    for widget in parent.walk_children():
        if widget.border_title and (widget.region.area or not shown):
            yield str(widget.border_title)
        match widget:
            case Static() if widget.region.area or not shown:
                yield str(widget.visual).replace(GLUE, " ")
            case OptionList():
                yield from (str(option.prompt) for option in widget.options)
            case Input():
                yield "•" * len(widget.value) if widget.password else widget.value
            case Button():
                yield str(widget.label)


@asynccontextmanager
async def terminal(
    desk: TerminalDesk | World,
    signed_in: AgentSession | None = None,
    *,
    size: tuple[int, int] = SMALL,
    language: Language = Language.FRENCH,
    linear: bool = False,
    remembered: RememberedThemeAndLanguage | None = None,
) -> AsyncIterator[Terminal]:
    """Run a terminal of the given helpdesk. An agent may already be signed in."""
    opened = desk.services.desk if isinstance(desk, World) else desk
    kept = remembered or RememberedThemeAndLanguage()
    app = DeskApp(TerminalSession(opened, language, signed_in, linear=linear, remembered=kept))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Terminal(app, pilot)


def held_back(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> tuple[Event, Event]:
    """Block a use case after it has run.

    Returns two events. The first is set when the use case has been called. The test sets the second to let it return.
    """
    use_case, asked, answers = getattr(owner, name), Event(), Event()

    @wraps(use_case)
    def slow(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # as the use case
        answered = use_case(*given, **named)
        asked.set()
        answers.wait(HELD_SECONDS)
        return answered

    monkeypatch.setattr(owner, name, slow)
    return asked, answers
