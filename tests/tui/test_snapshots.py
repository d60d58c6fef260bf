"""Every screen as text, beside the one that was looked at and found good: `pytest tests/tui --redraw` keeps new ones.

A walk goes through several of them on one terminal.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.service.desk.proofs import Duty
from core.text import Language
from tests.support.desk import NUMEN
from tests.support.election import CAMILLE, STRANGER
from tests.support.terminal import LARGE, SMALL, Terminal, terminal
from tests.support.worlds import World

KEPT = Path(__file__).parent / "snapshots"
Walk = Callable[[Terminal, World], AsyncIterator[str]]
"""Yields the name of each screen when it stands there."""


async def signing_in(at: Terminal, _world: World) -> AsyncIterator[str]:
    """Before anybody is on duty."""
    await at.until(lambda: at.app.screen.query("#name"), "the sign-in")
    yield "sign-in"


async def at_home(at: Terminal, world: World) -> AsyncIterator[str]:
    """With a frozen account; then what opens over it."""
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    await at.until(lambda: at.app.screen.query_one("AttentionList").option_count, "the list")  # type: ignore[attr-defined]  # an OptionList
    yield "home"
    await at.press("f1")
    await at.until(lambda: at.app.screen.query(".help-key"), "the help")
    yield "help"
    await at.press("escape")
    await at.type(world.house.password.choose_password.code)
    await at.until(lambda: at.app.screen.query("StepPage .drawn-button"), "the step")
    yield "code"
    await at.press("escape")
    await at.type("expiré")
    await at.until(lambda: at.app.screen.query("MessagePage .drawn-button"), "the message")
    yield "message"
    await at.press("escape", "f9")
    await at.until(lambda: at.app.screen.query("Lock Typed"), "the lock")
    yield "lock"


async def calling(at: Terminal, _world: World) -> AsyncIterator[str]:
    """A person found, their file, nothing done yet; then the caller, refused."""
    await at.press("f2")
    await at.until(lambda: at.app.screen.query("FindVoter Typed"), "the dialog")
    await at.type("martin")
    await at.sees("Camille Martin")
    yield "find"
    await at.press("enter")
    await at.until(lambda: at.app.screen.query("Happened"), "the timeline")
    await at.until(lambda: at.app.screen.query("#deed-mail .-closed"), "the acts")
    yield "file"
    await at.press("f5")
    await at.until(lambda: at.app.screen.query("CallerCheck Typed"), "the dialog")
    await at.type("31/12/1971")
    for typed in ("", NUMEN):
        await at.type(typed)
        await at.press("enter")
    await at.until(lambda: at.app.screen.query("#notice.-wrong"), "the refusal")
    await at.until(lambda: len(at.app.screen_stack[-2].query("Happened")) == 2, "its line, behind the dialog")
    yield "caller"


async def guided(at: Terminal, world: World) -> AsyncIterator[str]:
    """The link being on its way."""
    world.link(CAMILLE)
    async for _ in calling(at, world):
        if at.app.screen.query("Happened"):
            break
    await at.press("f4")
    await at.until(lambda: at.app.screen.query("VoterPage .drawn-button"), "the step")
    await at.until(lambda: str(at.app.screen.query_one("#last").visual), "the last event")  # type: ignore[attr-defined]  # a Line
    yield "guide"


async def strangers(at: Terminal, world: World) -> AsyncIterator[str]:
    """A case of nobody known."""
    number = world.number(world.ask(STRANGER))
    world.courier().round()
    await at.press("f2")
    await at.until(lambda: at.app.screen.query("FindVoter Typed"), "the dialog")
    await at.type(number)
    await at.sees(number)
    await at.press("enter")
    await at.until(lambda: len(at.app.screen.query("Happened")) == 3, "the timeline")
    yield "case"


WALKS: tuple[Walk, ...] = (signing_in, at_home, calling, guided, strangers)
LOOKS = ((SMALL, Language.FRENCH), (LARGE, Language.ENGLISH))


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
@pytest.mark.parametrize(("size", "language"), LOOKS, ids=["small", "large"])
async def test_each_screen_is_the_one_that_was_found_good(
    world: World, duty: Duty, walk: Walk, size: tuple[int, int], language: Language, *, redraw: bool
) -> None:
    """Each letter in its place, small in French and large in English."""
    drawn: dict[Path, str] = {}
    async with terminal(world, None if walk is signing_in else duty, size=size, language=language) as at:
        async for name in walk(at, world):
            await at.pilot.pause(0.2)
            drawn[KEPT / f"{name}-{size[0]}x{size[1]}-{language.value}.txt"] = at.text
    if redraw:
        for kept, screen in drawn.items():
            kept.write_text(screen, encoding="utf-8")

    for kept, screen in drawn.items():
        assert screen == kept.read_text("utf-8"), screen
