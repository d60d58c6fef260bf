"""No key is lost or handled too early, however fast an agent types and however slow the helpdesk is."""

from asyncio import sleep, to_thread
from collections.abc import Callable
from itertools import cycle
from typing import TypeVar

import pytest
from textual.app import App
from textual.dom import DOMNode
from textual.widgets import OptionList

import tui.base_screen
import tui.session_app
from core.desk.authorisation import AgentSession
from core.flows.password.definition import PasswordFlow
from core.policy.policy import Policy
from tests.support.desk import NUMEN
from tests.support.terminal import LARGE, terminal
from tests.support.worlds import World
from tui.field_widgets import FieldInput
from tui.form_dialogs import VerifyCallerDialog
from tui.help_dialog import HelpDialog
from tui.home_screen import HomeScreen
from tui.search_panel import SearchPanel

A = TypeVar("A")
STEPS = PasswordFlow(Policy())
BORN = "31121970"
VERIFIED = ("mart", "enter", BORN, NUMEN.lower(), "enter")
SLOW_SECONDS = 0.1


@pytest.fixture(autouse=True)
def _slow_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each call of the helpdesk take a while, as on a busy machine."""

    async def slow(call: Callable[[], A]) -> A:
        await sleep(SLOW_SECONDS)
        return await to_thread(call)

    monkeypatch.setattr(tui.base_screen, "to_thread", slow)


def keys_of(*typed: str) -> list[str]:
    """Return the keys that type these texts. Names of keys stay as they are."""
    names = {"enter", "escape", "tab", "space", "f4", "f5", "f6", "f8", "f10", "f1", "ctrl+g"}
    return [key for each in typed for key in ([each] if each in names else each)]


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ((*VERIFIED, "enter", "enter", "f10"), "Appel noté"),
        ((*VERIFIED, "f6", "f4"), f"▶ {STEPS.mail.code}"),
        ((*VERIFIED, "f8", "tab", "enter"), "Le compte est bloqué"),
        (("{case}", "enter", "f10", "2"), "Appel noté"),
        (("mart", "enter", "f10", "3231"), "Rappel promis"),
        (("mart", "enter", "f5", "31/12/1970", "enter", NUMEN, "enter"), "Appelant vérifié"),
        (("mart", "enter", "escape", "zzz"), "Personne. Essayez le nom seul"),
        (("ctrl+g", "mart", "ctrl+g", "in", "enter"), "ouvre la fiche"),
        (("ctrl+g", "f1"), "Type a name"),
    ],
)
async def test_keys_typed_at_once_reach_the_screens_that_they_open(
    world: World, session: AgentSession, typed: tuple[str, ...], seen: str
) -> None:
    """Each counted call can be typed without waiting for the screens that the keys open."""
    number = world.number(world.ask()).replace("-", "").lower() if "{case}" in typed else ""
    world.courier().run_once()
    async with terminal(world, session, size=LARGE) as at:
        at.at_once(*keys_of(*(each.format(case=number) for each in typed)))
        await at.sees(seen)


async def test_a_search_may_end_while_its_panel_closes(world: World, session: AgentSession) -> None:
    """A panel that closes loses its list before it stops. A search that ends between the two changes nothing."""
    async with terminal(world, session) as at:
        panel = at.app.screen.query_one(SearchPanel)
        await panel.query_one(OptionList).remove()

        await panel.search("mart").wait()


async def test_a_key_waits_for_the_last_message_of_an_action(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digits of a birth date reach the file, even if its search ends just before the app looks for actions."""
    until_idle, rounds = tui.session_app.until_idle, cycle(range(4))

    async def until_idle_and_the_search_has_ended(node: DOMNode) -> None:
        await until_idle(node)
        if isinstance(node, App) and next(rounds) == 3:
            for each in [each for each in node.workers if each.name == "on_input_submitted"]:
                await each.wait()

    async with terminal(world, session, size=LARGE) as at:
        monkeypatch.setattr(tui.session_app, "until_idle", until_idle_and_the_search_has_ended)
        at.at_once(*"mart", "enter", *BORN)
        await at.until(lambda: isinstance(at.app.screen, VerifyCallerDialog), "the verification")
        await at.until(
            lambda: [each.value for each in at.app.screen.query(FieldInput)][:3] == ["31", "12", "1970"], "1970"
        )


async def test_a_text_pasted_as_keys_is_inserted_at_once(world: World, session: AgentSession) -> None:
    """A terminal without bracketed paste sends ten thousand keys. They arrive in order, with few searches.

    Outside a text field, they do nothing.
    """
    text = "Martin " * 1430
    async with terminal(world, session) as at:
        at.at_once(*text, "home", "X")
        await at.until(lambda: at.app.screen.query_one(FieldInput).value == f"X{text}", "the text")
        assert len([each for each in at.app.workers if each.name == "search"]) < 10
        assert isinstance(at.app.screen, HomeScreen)
        at.at_once("down", *text, "f1")
        await at.until(lambda: isinstance(at.app.screen, HelpDialog), "the help")
