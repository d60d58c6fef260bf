"""CASE 59: every text has enough contrast in every theme, also with the focus, the highlight or the mouse."""

from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
from textual.color import Color
from textual.content import Content
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import OptionList

from core.desk.authorisation import AgentSession
from core.text.text import Language
from tests.support.contrast import contrast
from tests.support.terminal import LARGE, Terminal, terminal
from tests.support.worlds import World
from tests.tui.test_desk_app_snapshots import WALKS, Walk, compare, signed_in
from tui import themes
from tui.base_screen import NoticeLine
from tui.dialogs import Dialog

LEAST = {theme.name: 4.5 for theme in themes.THEMES} | {themes.CONTRAST.name: 7.0}
"""Minimum contrast of text in each theme, from the success criteria 1.4.3 and 1.4.6 of WCAG 2.2."""
OWN_COLOURS = (
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
    "foreground",
    "background",
    "surface",
    "panel",
)
DECORATION = {*map(chr, range(0x2500, 0x25A0)), " ", "\n"}
"""Characters that draw borders and scrollbars, and spaces."""


Pair = tuple[str, str]
"""The names of a text colour and of its background colour."""


def drawn_pairs(at: Terminal) -> dict[Pair, tuple[str, float]]:
    """Return the colour pairs of all texts on the screen, each with one of these texts and with the contrast."""
    found = dict[Pair, tuple[str, float]]()
    front = set(at.app.screen.query("#dialog, #dialog *, KeyHintsLine, KeyHintsLine *")) if is_dialog(at) else None
    for widget, strip in at.strips:
        for text, style, _ in strip if front is None or widget in front else ():
            if style is not None and style.color and style.bgcolor and set(text) - DECORATION:
                pair = style.color.name, style.bgcolor.name
                if pair not in found:
                    ratio = contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor())
                    found[pair] = text.strip(), ratio
    return found


def is_dialog(at: Terminal) -> bool:
    """Return whether the front screen is a dialog, behind which the others are dimmed on purpose."""
    return isinstance(at.app.screen, Dialog)


State = tuple[str, Callable[[], object], Callable[[], object]]
"""The name of a state, with the functions that begin and end the state."""


def states(at: Terminal) -> list[State]:
    """Return each state that a widget on the top screen can have, such as having the focus."""
    found: list[State] = [("as it is", stay, stay)]
    for widget in at.app.screen.query(Widget):
        if not widget.region.area:
            continue
        if widget.can_focus and widget.focusable:
            focus = partial(at.app.screen.set_focus, widget, scroll_visible=False)
            found.append((f"focus on {widget}", focus, stay))
        if isinstance(widget, OptionList):
            for number in looks_of(widget):
                light = partial(setattr, widget, "highlighted", number)
                found.append((f"option {number} of {widget}", light, stay))
        if widget.can_focus:
            enter, leave = (partial(setattr, widget, "mouse_hover", there) for there in (True, False))
            found.append((f"mouse on {widget}", enter, leave))
    notices = at.app.screen.query(NoticeLine)
    return found + [
        ("a refusal", partial(each.show, "Une phrase.", wrong=True), partial(each.show, "")) for each in notices
    ]


def looks_of(widget: OptionList) -> list[int]:
    """Return the number of one option for each combination of styles in the list."""
    looks = dict[frozenset[str], int]()
    for number, option in enumerate(widget.options):
        spans = option.prompt.spans if isinstance(option.prompt, Content) else []
        looks.setdefault(frozenset(str(span.style) for span in spans), number)
    return list(looks.values())


def stay() -> None:
    """Do nothing, for states that need no change."""


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
async def test_case_59_each_screen_equals_the_stored_one_and_every_text_can_be_read(
    world: World, session: AgentSession, walk: Walk, *, redraw: bool
) -> None:
    """CASE 59: no text has a contrast below 4.5:1, or 7:1 in the contrast theme.

    Each screen equals its snapshot. A state is drawn in the other themes only if it showed colour pairs in the first
    theme that no earlier screen or state had shown.
    """
    found, drawn = {}, set[Pair]()
    first, *others = themes.THEMES
    async with terminal(world, signed_in(walk, world, session), size=LARGE, language=Language.ENGLISH) as at:
        async for name in walk(at, world):
            await compare(at, name, redraw=redraw)
            lit = {each: each.highlighted for each in at.app.screen.query(OptionList)}
            await at.put_on(first)
            every, telling = states(at), set[int]()
            for number, state in enumerate(every):
                pairs = await pairs_in(at, state)
                telling |= {number} if pairs.keys() - drawn else set()
                drawn |= pairs.keys()
                found |= {(first.name, name, state[0], *pair): told for pair, told in pairs.items()}
            break_focus(at)
            for theme in others if telling else ():
                await at.put_on(theme)
                again = states(at)
                for number in sorted(telling) if len(again) == len(every) else range(len(again)):
                    pairs = await pairs_in(at, again[number])
                    found |= {(theme.name, name, again[number][0], *pair): told for pair, told in pairs.items()}
                break_focus(at)
            for each, option in lit.items():  # the next snapshot expects these highlights
                each.highlighted = option

    low = [f"{place}: {told}" for place, told in found.items() if told[1] < LEAST[place[0]]]
    assert not low, "\n".join(low)


async def pairs_in(at: Terminal, state: State) -> dict[Pair, tuple[str, float]]:
    """Return the colour pairs that are drawn in this state."""
    _, begin, end = state
    begin()
    await at.pilot.pause()
    pairs = drawn_pairs(at)
    end()
    return pairs


def break_focus(at: Terminal) -> None:
    """Move the focus back to the screen's first widget, where the walk expects it."""
    first = at.app.screen.query(str(at.app.screen.AUTO_FOCUS or "*")).first()
    at.app.screen.set_focus(first)


def colours(theme: Theme) -> dict[str, str]:
    named = {name: str(getattr(theme, name)) for name in OWN_COLOURS}
    return {
        name: Color.parse(colour).hex
        for name, colour in (named | theme.variables).items()
        if not name.endswith("text-style")
    }


@pytest.mark.parametrize("theme", themes.THEMES[1:], ids=lambda theme: theme.name)
def test_case_59_colours_of_the_first_theme_stand_for_those_of_the_others(theme: Theme) -> None:
    """CASE 59: colours that are equal in the first theme are equal in each theme.

    So colour pairs of the first theme represent those of the others.
    """
    alike: dict[str, set[str]] = {}
    for name, colour in colours(themes.THEMES[0]).items():
        alike.setdefault(colour, set()).add(name)

    others = colours(theme)
    assert [names for names in alike.values() if len({others[name] for name in names}) > 1] == []


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_case_59_each_ink_can_be_read_on_each_ground(theme: Theme) -> None:
    """CASE 59: each text colour of a theme has enough contrast on each of its backgrounds."""
    own = theme.variables
    inks = (theme.foreground, theme.primary, theme.accent, theme.error, theme.success, own["soft"])
    pairs = {*product(inks, grounds_of(theme)), (own["mast-ink"], own["mast"])}
    pairs |= {(own[f"{each}-foreground"], own[f"{each}-background"]) for each in SELECTIONS}
    pairs |= {(theme.background, theme.accent), (theme.background, theme.error)}

    assert too_low(pairs, LEAST[theme.name]) == []


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_case_59_borders_and_each_focus_and_selection_are_seen_on_each_ground(theme: Theme) -> None:
    """CASE 59: borders, the focus and selections have a contrast of at least 3:1 with each background around them."""
    marks = {theme.variables[f"{each}-background"] for each in SELECTIONS} | {theme.accent, theme.variables["line"]}

    assert too_low(set(product(marks, grounds_of(theme))), 3.0) == []


SELECTIONS = ("block-cursor", "block-cursor-blurred", "input-selection", "screen-selection")


def grounds_of(theme: Theme) -> tuple[object, ...]:
    return theme.background, theme.surface, theme.panel


def too_low(pairs: set[tuple[object, object]], least: float) -> list[tuple[object, object]]:
    return [pair for pair in pairs if contrast(*(Color.parse(str(each)).rgb for each in pair)) < least]
