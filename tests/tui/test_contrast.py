"""CASE 59: every pair of colours that a theme produces can be read, whatever has the focus, the highlight or the mouse."""

from collections.abc import AsyncIterator
from itertools import product

import pytest
from rich.cells import cell_len
from textual.color import Color
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import OptionList

from core.desk.authorisation import AgentSession
from core.text.text import Language
from tests.support.contrast import contrast
from tests.support.terminal import LARGE, Terminal, terminal
from tests.support.worlds import World
from tests.tui.test_snapshots import WALKS, Walk, signed_in
from tui import themes
from tui.base_dialog import Dialog
from tui.base_screen import NoticeLine

LEAST = {theme.name: 4.5 for theme in themes.THEMES} | {themes.CONTRAST.name: 7.0}
"""WCAG 2.2, 1.4.3 and 1.4.6."""
DECORATION = {*map(chr, range(0x2500, 0x25A0)), " ", "\n"}
"""Lines and blocks: borders and scrollbars."""


def too_low(at: Terminal, least: float) -> set[tuple[str, str, str, float]]:
    """Return each text on the screen with its colours, where their contrast is too low."""
    found = set()
    shown = (
        [widget.region for widget in at.app.screen.query("#dialog, KeyHintsLine")]
        if is_dialog(at)
        else [at.app.screen.region]
    )
    for y, strip in enumerate(at.app.screen._compositor.render_strips(at.app.size)):
        x = 0
        for text, style, _ in strip:
            seen = any(region.contains(x, y) for region in shown)
            x += cell_len(text)
            if seen and style is not None and style.color and style.bgcolor and set(text) - DECORATION:
                ratio = contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor())
                if ratio < least:
                    found.add((text.strip(), style.color.name, style.bgcolor.name, round(ratio, 2)))
    return found


def is_dialog(at: Terminal) -> bool:
    """Return whether the front screen is a dialog, behind which the others are dimmed on purpose."""
    return isinstance(at.app.screen, Dialog)


async def states(at: Terminal) -> AsyncIterator[str]:
    """Put every widget of the screen in front into each of its states."""
    yield "as it is"
    for widget in list(at.app.screen.query(Widget)):
        if not widget.region.area:
            continue
        if widget.can_focus and widget.focusable:
            at.app.screen.set_focus(widget, scroll_visible=False)
            await at.pilot.pause()
            yield f"focus on {widget}"
        if isinstance(widget, OptionList):
            for number in range(widget.option_count):
                widget.highlighted = number
                await at.pilot.pause()
                yield f"option {number} of {widget}"
        if widget.can_focus:
            widget.mouse_hover = True
            await at.pilot.pause()
            yield f"mouse on {widget}"
            widget.mouse_hover = False
    for notice in at.app.screen.query(NoticeLine):
        notice.show("Une phrase.", wrong=True)
        await at.pilot.pause()
        yield "a refusal"


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
async def test_case_59_every_text_can_be_read(world: World, session: AgentSession, walk: Walk) -> None:
    """CASE 59: in each theme no text has less than 4.5:1, in the contrasting theme 7:1."""
    found = {}
    async with terminal(world, signed_in(walk, world, session), size=LARGE, language=Language.FRENCH) as at:
        async for name in walk(at, world):
            for theme in themes.THEMES:
                await at.put_on(theme)
                async for state in states(at):
                    if low := too_low(at, LEAST[theme.name]):
                        found[theme.name, name, state] = low
                break_focus(at)

    assert not found, "\n".join(f"{place}: {low}" for place, low in found.items())


def break_focus(at: Terminal) -> None:
    """Give the focus back to where the walk expects it."""
    first = at.app.screen.query(str(at.app.screen.AUTO_FOCUS or "*")).first()
    at.app.screen.set_focus(first)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_case_59_each_ink_can_be_read_on_each_ground(theme: Theme) -> None:
    """CASE 59: each colour of a text can be read on each background of its theme, where no walk leads either."""
    own = theme.variables
    inks = (theme.foreground, theme.primary, theme.accent, theme.error, theme.success, own["soft"])
    grounds = (theme.background, theme.surface, theme.panel, own["block-cursor-background"])
    pairs = {*product(inks, grounds), (own["mast-ink"], own["mast"]), (own["block-cursor-foreground"], grounds[-1])}
    pairs |= {(own["on-primary"], theme.primary), (own["on-primary"], theme.secondary)}
    pairs |= {(theme.background, theme.accent), (theme.background, theme.error)}

    assert [
        pair for pair in pairs if contrast(*(Color.parse(str(each)).rgb for each in pair)) < LEAST[theme.name]
    ] == []
