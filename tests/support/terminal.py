"""The agents' terminal under a test's hands: keys, clicks, and what can be read on the screen."""

import io
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import pytest
from rich.console import Console
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.events import Key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from core.bootstrap import House
from core.service.desk.proofs import Duty
from core.text import Language
from tests.support.worlds import World
from tui.app import Desk
from tui.line import GLUE
from tui.sitting import Sitting

SMALL, LARGE, HUGE = (80, 24), (120, 40), (200, 60)
LOOKS = 600
"""How often one looks for something before giving up, a few milliseconds apart."""


@dataclass
class Terminal:
    """One agent's terminal, up."""

    app: Desk
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        width, height = self.app.size
        console = Console(width=width, height=height, file=io.StringIO(), color_system=None, legacy_windows=False)
        console.print(self.app.screen._compositor.render_update(full=True, screen_stack=self.app._background_screens))
        printed = console.file
        assert isinstance(printed, io.StringIO)
        return "\n".join(line.rstrip() for line in printed.getvalue().splitlines()) + "\n"

    @property
    def words(self) -> str:
        """What can be read there, each piece of writing whole, however it is wrapped."""
        shown = written_in(self.app.screen, shown=True)
        return "\n".join(" ".join(written.split()) for written in shown)

    async def press(self, *pressed: str) -> None:
        """Keys, one after the other."""
        await self.pilot.press(*pressed)

    async def type(self, typed: str) -> None:
        """A text, letter by letter."""
        for letter in typed:  # in one go: the pilot's own `press` waits twice after each
            self.app._driver.send_message(Key(NAMED.get(letter, letter), letter))
        await self.pilot.pause(0.05)

    async def sees(self, *wanted: str) -> None:
        """Waits until all of that can be read."""
        await self.until(lambda: _each_in(wanted, self.words), f"{wanted}")

    async def until(self, true: Callable[[], object], what: str) -> None:
        """Waits for something."""
        for _ in range(LOOKS):
            if true():
                return
            await self.pilot.pause(0.05)
        pytest.fail(f"{what} did not come:\n{self.text}")


NAMED = {" ": "space", "/": "slash", "-": "minus", "'": "apostrophe", "@": "at", ".": "full_stop"}


def _each_in(wanted: Sequence[str], words: str) -> bool:
    return all(each in words for each in wanted)


def written_in(place: Widget, *, shown: bool = False) -> Iterator[str]:
    """Each piece of writing there, or only of what is shown: what is folded is not."""
    for widget in place.walk_children():
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
    house: House | World,
    duty: Duty | None = None,
    *,
    size: tuple[int, int] = SMALL,
    language: Language = Language.FRENCH,
    **given: object,
) -> AsyncIterator[Terminal]:
    """A terminal at that house; someone on duty has signed in already."""
    place = house.house if isinstance(house, World) else house
    sitting = replace(Sitting(place, language, duty), **given)  # type: ignore[arg-type]  # by name, as `replace` takes them
    app = Desk(sitting)
    with patch.object(Stylesheet, "_parse_rules", _parsed_once):
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Terminal(app, pilot)


_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parsed_once(sheet: Stylesheet, css: str, *where: Any, **how: Any) -> list[RuleSet]:  # noqa: ANN401  # as they are
    """For all terminals of a run: each would read all its sheets anew whenever a screen comes."""
    key = (css, where, tuple(how.items()), tuple(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, *where, **how)
    return _parsed[key]
