"""Compares every screen with its stored snapshot, as text.

`pytest tests/tui --redraw` stores new snapshots. A walk visits several screens on one terminal.
"""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from textual.widgets import Static

from core.desk.authorisation import AgentSession
from core.flows.password.plugin import PasswordFlowPlugin
from core.ports import AgentRole
from core.text.text import Language
from tests.support.desk import NUMEN, signed_in_agent
from tests.support.election import CAMILLE, STRANGER
from tests.support.terminal import HUGE, SMALL, Terminal, terminal
from tests.support.worlds import World
from tui.search_panel import SearchPanel

STORED = Path(__file__).parent / "snapshots"
STYLES = Path(__file__).parents[2] / "tui"
LOOKS_TO_REDRAW = 10
Walk = Callable[[Terminal, World], AsyncIterator[str]]
"""A function that visits several screens and yields the name of each."""


async def sign_in_screen(at: Terminal, _world: World) -> AsyncIterator[str]:
    await at.until(lambda: at.app.screen.query("#name"), "the sign-in")
    yield "sign-in"


async def home_screens(at: Terminal, world: World) -> AsyncIterator[str]:
    """Show the home screen with a frozen account, then the screens and dialogs that open from it."""
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    await at.until(lambda: at.app.screen.query_one("AttentionList").option_count, "the list")  # type: ignore[attr-defined]  # an OptionList
    yield "home"
    await at.press("f1")
    await at.until(lambda: at.app.screen.query(".help-key"), "the help")
    yield "help"
    await at.press("escape")
    await at.type(world.services.flows[PasswordFlowPlugin].steps.choose_password.code)
    await at.until(lambda: at.app.screen.query_one(SearchPanel).found, "the code")
    yield "code-found"
    await at.press("enter")
    await at.until(lambda: at.app.screen.query("StepPagePreview .drawn-button"), "the step")
    yield "code"
    await at.press("escape")
    await at.type("expiré")
    await at.until(lambda: at.app.screen.query_one(SearchPanel).found, "the message")
    await at.press("enter")
    await at.until(lambda: at.app.screen.query("ErrorPagePreview .drawn-button"), "the message")
    yield "message"
    await at.press("escape", "f9")
    await at.until(lambda: at.app.screen.query("LockScreen FieldInput"), "the lock")
    yield "lock"


async def call_screens(at: Terminal, _world: World) -> AsyncIterator[str]:
    """Show the search, a voter's new file, a caller who failed the verification, and the outcomes of the call."""
    await at.press("f2")
    await at.type("martin")
    await at.sees("Camille Martin")
    yield "find"
    await at.press("enter")
    await at.until(lambda: at.app.screen.query("TimelineEntry"), "the timeline")
    await at.until(lambda: at.app.screen.query("#action-mail .-closed"), "the acts")
    yield "file"
    await at.press("f5")
    await at.until(lambda: at.app.screen.query("VerifyCallerDialog FieldInput"), "the dialog")
    await at.type("31/12/1971")
    for typed in ("", NUMEN):
        await at.type(typed)
        await at.press("enter")
    await at.until(lambda: at.app.screen.query("#notice.-wrong"), "the refusal")
    await at.until(lambda: len(at.app.screen_stack[-2].query("TimelineEntry")) == 2, "its line, behind the dialog")
    yield "caller"
    await at.press("escape", "f10")
    await at.until(lambda: at.app.screen.query("ChoiceList"), "the outcomes")
    yield "ending"


async def call_ending_screens(at: Terminal, world: World) -> AsyncIterator[str]:
    """Show the questions about a call-back and about handing a file over."""
    signed_in_agent(world, "robin")
    async for name in call_screens(at, world):
        if name == "file":
            break
    for outcome, *screens in (
        ("3", "call-back-when", "call-back-reason", "call-back-agent"),
        ("4", "hand-over-reason", "hand-over-agent"),
    ):
        await at.press("f10")
        await at.until(lambda: at.app.screen.query("ChoiceList"), "the outcomes")
        for digit, screen in zip((outcome, "1", "1"), screens, strict=False):
            asked = at.app.screen
            await at.press(digit)
            await at.until(lambda: at.app.screen is not asked and at.app.screen.query("ChoiceList"), screen)  # noqa: B023  # now
            yield screen
        await at.press("escape")
        await at.until(lambda: not at.app.screen.query("ChoiceList"), "the file")


async def guide_screen(at: Terminal, world: World) -> AsyncIterator[str]:
    """Show the guide for a voter who has been sent a link."""
    world.link(CAMILLE)
    async for _ in call_screens(at, world):
        if at.app.screen.query("TimelineEntry"):
            break
    await at.press("f4")
    await at.until(lambda: at.app.screen.query("#last"), "the guide")
    await at.until(lambda: any(each.max_scroll_y for each in at.app.screen.query("VoterPagePreview")), "the whole page")
    await at.until(lambda: len(at.app.screen.query("VoterPagePreview .after")) > 1, "the whole page")
    await at.until(lambda: str(at.app.screen.query_one("#last").visual), "the last event")  # type: ignore[attr-defined]  # a TextLine
    yield "guide"


async def case_screen(at: Terminal, world: World) -> AsyncIterator[str]:
    number = world.number(world.ask(STRANGER))
    world.courier().run_once()
    await at.press("f2")
    await at.type(number)
    await at.sees(number)
    await at.press("enter")
    await at.until(lambda: len(at.app.screen.query("TimelineEntry")) == 3, "the timeline")
    yield "case"


async def supervisor_screens(at: Terminal, _world: World) -> AsyncIterator[str]:
    """Show the journal, its keys, the incidents and the overview."""
    await at.press("ctrl+y")
    await at.until(lambda: at.app.screen.query_one("JournalList").option_count, "the journal")  # type: ignore[attr-defined]  # an OptionList
    yield "journal"
    await at.press("question_mark")
    await at.until(lambda: at.app.screen.query("CheatSheet .key"), "the keys")
    yield "keys"
    await at.press("escape", "escape", "f7")
    await at.until(lambda: at.app.screen.query("IncidentList"), "the incidents")
    yield "incidents"
    await at.press("escape", "ctrl+o")
    await at.until(
        lambda: any(str(each.visual) for each in at.app.screen.query("#on-duty").results(Static)), "the overview"
    )
    yield "overview"


WALKS: tuple[Walk, ...] = (
    sign_in_screen,
    home_screens,
    call_screens,
    call_ending_screens,
    guide_screen,
    case_screen,
    supervisor_screens,
)


def signed_in(walk: Walk, world: World, session: AgentSession) -> AgentSession | None:
    """Return the session of an agent or supervisor who may see the screens of this walk."""
    if walk is supervisor_screens:
        return signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    return None if walk is sign_in_screen else session


SIZES = ((SMALL, Language.FRENCH), (HUGE, Language.FRENCH))
"""Sizes and languages of the snapshots. The size LARGE in English is compared in test_themes.py."""


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
@pytest.mark.parametrize(("size", "language"), SIZES, ids=["small", "huge"])
async def test_each_screen_equals_the_stored_one(
    world: World, session: AgentSession, walk: Walk, size: tuple[int, int], language: Language, *, redraw: bool
) -> None:
    """Each screen equals its stored snapshot, letter by letter."""
    async with terminal(world, signed_in(walk, world, session), size=size, language=language) as at:
        async for name in walk(at, world):
            await compare(at, name, redraw=redraw)


async def compare(at: Terminal, name: str, *, redraw: bool) -> None:
    """Compare the top screen with the snapshot of this name, or store a new snapshot."""
    width, height = at.app.size
    stored = STORED / f"{name}-{width}x{height}-{at.app.session.language.value}.txt"
    if redraw:
        stored.write_text(await at.complete_text(looks=LOOKS_TO_REDRAW), encoding="utf-8")
    expected = stored.read_text("utf-8")
    await at.equals(expected, stored.name)


def test_themes_differ_in_colours_only() -> None:
    """No style rule depends on the theme, so the themes differ only in colours."""
    styles = [path.read_text("utf-8") for path in STYLES.glob("*.tcss")]

    assert styles
    assert not [style for style in styles if re.search(r"-theme-|-mode\b|:dark|:light", style)]
