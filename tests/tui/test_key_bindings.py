"""The keys of each screen work, and late answers of the helpdesk do not disturb the screen in front."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.widgets import OptionList

from core.desk.authorisation import AgentSession
from core.desk.files import VoterFiles
from core.desk.verification import CallerVerification
from core.ports import AgentRole, EventType
from tests.support.desk import AGENT_PASSWORD, signed_in_agent
from tests.support.election import CAMILLE, STRANGER
from tests.support.terminal import Terminal, held_back, terminal
from tests.support.worlds import World
from tui import key_bindings
from tui.app_messages import OpenVoterFile
from tui.attention_list import AttentionList
from tui.base_screen import NoticeLine
from tui.desk_app import DeskApp
from tui.form_dialogs import LockScreen, VerifyCallerDialog
from tui.help_dialog import HelpDialog
from tui.home_screen import HomeScreen
from tui.key_bindings import KeyHintsLine
from tui.voter_file_screen import VoterFileScreen

Opening = Callable[[Terminal], Awaitable[object]]
COMMON = {each.action for each in (*key_bindings.EVERYWHERE, key_bindings.FIND)}


async def go_home(at: Terminal) -> None:
    while not isinstance(at.app.screen, HomeScreen):
        await at.press("escape")
        await at.pilot.pause()
    await at.press("escape")
    at.app.screen.focus_search()
    await at.pilot.pause()


def pressing(opened: Opening, *keys: str, sees: str = "") -> Opening:
    """Return a function that opens a screen with `opened` and then presses these keys."""

    async def open_it(at: Terminal) -> None:
        await opened(at)
        await at.press(*keys)
        await at.sees(sees)
        await at.pilot.pause()

    return open_it


def agents_screens(number: str) -> dict[str, Opening]:
    """Return, by name, the functions that open each screen of an agent. `number` is the number of a case."""

    async def open_file(at: Terminal) -> None:
        await at.open_file()
        await at.until(lambda: "F8" in at.text, "the acts")

    async def open_case(at: Terminal) -> None:
        await at.open_file(number, number)

    guide = pressing(open_file, "f4", sees="À dire")
    return {
        "home": go_home,
        "search": pressing(go_home, "m", "p", sees="MP-2"),
        "list": pressing(go_home, "down", sees="Compte bloqué"),
        "file": open_file,
        "outcomes": pressing(open_file, "f10", sees="Comment cet appel"),
        "guide": guide,
        "guide elsewhere": pressing(guide, "down", sees="Suivre la personne"),
        "case": open_case,
        "incidents": pressing(go_home, "f7", sees="incident"),
    }


def supervisors_screens(world: World, her: AgentSession) -> dict[str, Opening]:
    """Return, by name, the functions that open the screens that only supervisors have."""

    async def open_journal(at: Terminal) -> None:
        await pressing(go_home, "ctrl+y", sees="ouvre la fiche")(at)
        # A new line of the journal, which F7 then shows.
        world.services.desk.authorisation.record_agent_event(her, EventType.SEARCHED, reason="7")

    return {
        "home": go_home,
        "journal": open_journal,
        "incidents": pressing(go_home, "f7", sees="Annoncer"),
        "overview": pressing(go_home, "ctrl+o", sees="En service"),
    }


def shown(at: Terminal) -> tuple[object, ...]:
    """Return everything that a key can change: the screens, the text, the chosen lines, the focus and the clipboard."""
    chosen = (each.highlighted for each in at.app.screen.query(OptionList))
    return (*at.app.screen_stack, at.text, *chosen, at.app.screen.focused, at.app.clipboard)


async def shown_at_rest(at: Terminal) -> tuple[object, ...]:
    """Wait until the screen no longer changes, then return what it shows."""
    looks = list[tuple[object, ...]]()

    def is_still() -> bool:
        looks.append(shown(at))
        return looks[-2:-1] == looks[-1:]

    await at.until(is_still, "a screen at rest")
    return looks[-1]


async def press_each_key(at: Terminal, name: str, opened: Opening, pressed: set[str]) -> None:
    """Press every key on a screen's line of keys. Keys that leave the screen or its flow are last.

    Keys that every screen has are pressed only once.
    """
    await go_home(at)
    await opened(at)
    offered = at.app.screen.query_one(KeyHintsLine).entries()
    keys = {key: action for key, _, _, action, *_ in offered}
    screen = at.app.screen
    for key in sorted(keys, key=lambda each: ["right", "escape"].index(each) if each in {"right", "escape"} else -1):
        if keys[key] in pressed:
            continue
        pressed |= {keys[key]} & COMMON
        if screen.query_one(KeyHintsLine).entries() != offered:  # Enter opens a result, and the search is empty again
            await go_home(at)
            await opened(at)
            screen = at.app.screen
        screen.query_one(NoticeLine).show("")  # two keys may give the same notice
        before = await shown_at_rest(at)
        await at.press(key)
        await at.until(lambda: shown(at) != before, f"an effect of {key} on the screen {name}")  # noqa: B023  # called at once
        while at.app.screen is not screen and screen in at.app.screen_stack:
            await at.press("escape")
            await at.pilot.pause()


async def test_each_key_of_each_screens_key_line_acts_there(
    world: World, session: AgentSession, tmp_path: Path
) -> None:
    """Every key on the key line of a screen changes what the terminal shows."""
    number = world.number(world.ask(STRANGER))
    world.link(CAMILLE)
    world.courier().run_once()
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    her, pressed = signed_in_agent(world, "robin", AgentRole.SUPERVISOR), set[str]()
    for signed_in, screens in ((session, agents_screens(number)), (her, supervisors_screens(world, her))):
        async with terminal(world, signed_in) as at:
            at.app.session.case_sheet_folder = tmp_path
            await at.until(lambda: at.app.screen.query_one(AttentionList).option_count, "the list")
            for name, opened in screens.items():
                await press_each_key(at, name, opened, pressed)


def test_each_function_key_means_one_thing() -> None:
    """A function key has the same label on every screen that has the key."""
    bound = [each for each in vars(key_bindings).values() if isinstance(each, Binding) and each.tooltip]
    labels = {(each.key, each.description) for each in bound if each.key[1:].isdecimal()}

    assert len({key for key, _ in labels}) == len(labels) == 9


async def test_an_answer_waits_for_the_screen_in_front_of_its_question(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late answer closes only its own dialog. A voter's file that was read during the lock opens after it."""
    held, until_unlocked = Event(), DeskApp.until_unlocked

    async def noted(app: DeskApp) -> None:
        held.set()
        await until_unlocked(app)

    monkeypatch.setattr(DeskApp, "until_unlocked", noted)
    async with terminal(world, session) as at:
        asked, answers = held_back(monkeypatch, VoterFiles, "open")
        await at.type("martin")
        await at.sees("Camille Martin")
        await at.press("enter")
        await at.until(asked.is_set, "the file")
        at.app.action_lock()  # as after a time without a key
        for title in ("Écran verrouillé", "Screen locked"):
            await at.sees(title)
            await at.press("ctrl+g")  # draws everything again, including the input that had the focus
        await at.sees("Écran verrouillé")
        held.clear()
        answers.set()
        await at.until(held.is_set, "the file behind the lock")
        await at.pilot.pause()
        assert isinstance(at.app.screen, LockScreen)
        assert "Martin" not in at.text
        await at.answer(AGENT_PASSWORD)
        await at.sees("Ce qui s'est passé")

        asked, answers = held_back(monkeypatch, CallerVerification, "verify")
        await at.verify_caller()
        await at.until(asked.is_set, "the verification")
        at.app.action_toggle_help()
        await at.until(lambda: isinstance(at.app.screen, HelpDialog), "the help")
        answers.set()
        dialog = at.app.screen_stack[-2]
        assert isinstance(dialog, VerifyCallerDialog)
        await at.until(lambda: dialog.late_answer, "the answer behind the help")
        assert isinstance(at.app.screen, HelpDialog)
        await at.press("escape")
        await at.sees("Appelant vérifié jusqu'à")

        file = at.app.screen
        assert isinstance(file, VoterFileScreen)
        await at.press("ctrl+p")
        await at.until(lambda: isinstance(at.app.screen, CommandPalette), "the palette")
        at.app.post_message(OpenVoterFile(file.call.voter, None))
        await at.until(lambda: file not in at.app.screen_stack and isinstance(at.app.screen, VoterFileScreen), "a file")


async def test_the_warning_before_a_short_lock_comes_late_and_goes_with_a_key(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the terminal locks after one minute, the warning appears after half of it and disappears at the next key."""
    services = world.services
    policy = replace(services.dependencies.policy, desk_idle_minutes=1)
    short = replace(services, dependencies=replace(services.dependencies, policy=policy))
    async with terminal(short.desk, session) as at:
        await at.sees("À regarder maintenant")
        line, scrolled = at.app.screen.query_one(NoticeLine), list[str]()
        with monkeypatch.context() as patched:
            patched.setattr(line, "scroll_visible", lambda **_: scrolled.append(line.sentence))
            for sentence in ("L'écran se verrouille.", "L'écran se verrouille.", ""):
                line.show(sentence, seconds=60)
            await at.until(lambda: scrolled, "the line in view")
        await at.pilot.pause()
        assert len(scrolled) == 1
        world.clock.move(seconds=25)
        at.app.check_idle_and_database()
        await at.pilot.pause()
        assert "verrouille à" not in at.text
        world.clock.move(seconds=10)
        await at.sees("Sans une touche, l'écran se verrouille à 12:02.")
        await at.press("tab")
        await at.until(lambda: "verrouille à" not in at.text, "the end of the warning")
        world.clock.move(seconds=35)
        await at.sees("Sans une touche, l'écran se verrouille à 12:02.")
        world.clock.move(seconds=26)
        await at.sees("Écran verrouillé")
