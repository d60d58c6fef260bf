"""Every screen as text, beside the one that was looked at and found good: `pytest tests/tui --redraw` keeps new ones."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.service.desk.proofs import Duty
from core.text import Language
from tests.support.desk import NUMEN
from tests.support.election import CAMILLE, STRANGER
from tests.support.terminal import LARGE, SMALL, Terminal, terminal
from tests.support.worlds import World

KEPT = Path(__file__).parent / "snapshots"
Drawn = Callable[[Terminal, World], Awaitable[None]]


async def sign_in(at: Terminal, _world: World) -> None:
    """Before anybody is on duty."""
    await at.until(lambda: at.app.screen.query("#name"), "the sign-in")


async def home(at: Terminal, world: World) -> None:
    """With a frozen account, and a message that came too late to be sent."""
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    await at.until(lambda: at.app.screen.query_one("AttentionList").option_count, "the list")  # type: ignore[attr-defined]  # an OptionList


async def find(at: Terminal, _world: World) -> None:
    """A person found."""
    await at.press("f2")
    await at.until(lambda: at.app.screen.query("FindVoter Typed"), "the dialog")
    await at.type("martin")
    await at.sees("Camille Martin")


async def file(at: Terminal, world: World) -> None:
    """Their file, nothing done yet."""
    await find(at, world)
    await at.press("enter")
    await at.until(lambda: at.app.screen.query("Happened"), "the timeline")
    await at.until(lambda: at.app.screen.query("#deed-mail .-closed"), "the acts")


async def caller(at: Terminal, world: World) -> None:
    """The caller, refused."""
    await file(at, world)
    await at.press("f5")
    await at.until(lambda: at.app.screen.query("CallerCheck Typed"), "the dialog")
    for typed in ("31", "12", "1971", NUMEN):
        await at.type(typed)
        await at.press("enter")
    await at.until(lambda: at.app.screen.query("#notice.-wrong"), "the refusal")


async def guide(at: Terminal, world: World) -> None:
    """The guide, the link being on its way."""
    world.link(CAMILLE)
    await file(at, world)
    await at.press("f4")
    await at.until(lambda: at.app.screen.query("VoterPage .drawn-button"), "the step")
    await at.until(lambda: str(at.app.screen.query_one("#last").visual), "the last event")  # type: ignore[attr-defined]  # a Line


async def case(at: Terminal, world: World) -> None:
    """A case of nobody known."""
    number = world.number(world.ask(STRANGER))
    world.courier().round()
    await at.press("f2")
    await at.until(lambda: at.app.screen.query("FindVoter Typed"), "the dialog")
    await at.type(number)
    await at.sees(number)
    await at.press("enter")
    await at.until(lambda: len(at.app.screen.query("Happened")) == 3, "the timeline")


async def code(at: Terminal, world: World) -> None:
    """A step by its code."""
    await at.type(world.house.password.choose_password.code)
    await at.until(lambda: at.app.screen.query("VoterPage .drawn-button"), "the step")


async def help_(at: Terminal, _world: World) -> None:
    """F1 at the home."""
    await at.press("f1")
    await at.until(lambda: at.app.screen.query(".help-key"), "the help")


async def lock(at: Terminal, _world: World) -> None:
    """Locked."""
    await at.press("f9")
    await at.until(lambda: at.app.screen.query("Lock Typed"), "the lock")


SCREENS: dict[str, Drawn] = {
    "sign-in": sign_in,
    "home": home,
    "find": find,
    "file": file,
    "caller": caller,
    "guide": guide,
    "case": case,
    "code": code,
    "help": help_,
    "lock": lock,
}
DRAWN = [(name, SMALL, Language.FRENCH) for name in SCREENS]
DRAWN += [(name, LARGE, Language.ENGLISH) for name in SCREENS]


@pytest.mark.parametrize(
    ("name", "size", "language"), DRAWN, ids=lambda value: value if isinstance(value, str) else None
)
async def test_the_screen_is_the_one_that_was_found_good(
    world: World, duty: Duty, name: str, size: tuple[int, int], language: Language, *, redraw: bool
) -> None:
    """Each letter in its place, small in French and large in English."""
    kept = KEPT / f"{name}-{size[0]}x{size[1]}-{language.value}.txt"
    async with terminal(world, None if name == "sign-in" else duty, size=size, language=language) as at:
        await SCREENS[name](at, world)
        await at.pilot.pause(0.2)
        drawn = at.text
    if redraw:
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(drawn, encoding="utf-8")

    assert drawn == kept.read_text("utf-8"), drawn
