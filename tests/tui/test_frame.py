"""What is true on every screen: sizes, keys, help, commands, languages, colours, a lost database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from textual.color import Color

from core.adapters.memory import MemoryStore
from core.errors import LinkExpired, TooManySignIns
from core.ports import Unready
from core.service.desk.home import Home, Overview
from core.service.desk.proofs import Duty
from core.text import Language
from tests.support.desk import NUMEN, add_known
from tests.support.election import CAMILLE, GOOD
from tests.support.terminal import LARGE, SMALL, Terminal, terminal
from tests.support.worlds import World
from tui import themes
from tui.frame import KeyLine
from tui.lock import Lock
from tui.lookup import Lookup
from tui.on_duty import OnDuty, TopLine

RENEE = "renee.dupont@ac-lumiere.example"


async def at_file(at: Terminal, name: str = "Camille Martin") -> None:
    """A voter's file."""
    await at.press("f2")
    await at.sees("Chercher une personne")
    await at.type(name.rsplit(maxsplit=1)[-1])
    await at.sees(name)
    await at.press("enter")
    await at.sees("camille")
    await at.until(lambda: at.app.screen.query("Happened"), "the timeline")


async def test_a_window_too_small_says_so(world: World, duty: Duty) -> None:
    """In a sentence, alone; enlarged, everything is back."""
    async with terminal(world, duty) as at:
        for size in ((79, 24), (80, 23), (40, 10)):
            await at.pilot.resize_terminal(*size)
            await at.sees("Cette fenêtre est trop petite", "80 colonnes et 24 lignes")
            assert "À regarder maintenant" not in at.text
            await at.pilot.resize_terminal(*SMALL)
            await at.sees("À regarder maintenant")

            assert "trop petite" not in at.text


async def test_the_foot_line_fits_and_is_true(world: World, duty: Duty) -> None:
    """At 80 columns no key is cut off, on each screen; nothing is offered where it would do nothing."""
    async with terminal(world, duty) as at:
        for keys in ((), ("f2",), ("escape",), ("f3",), ("escape",), ("f1",), ("escape",), ("f9",)):
            await at.press(*keys)
            for _ in Language:
                await at.press("ctrl+l")
                await at.pilot.pause()
                line = at.app.screen.query_one(KeyLine)
                assert line.max_scroll_x == 0, at.text
                closes = at.app.screen.is_modal and not isinstance(at.app.screen, Lock)
                assert ("Échap" in at.text or "Esc" in at.text) is closes, at.text


async def test_the_clock_goes_on_while_its_line_is_gone(world: World, duty: Duty) -> None:
    """A screen that is drawn anew, or that goes away, may have lost it when the clock is told."""
    async with terminal(world, duty) as at:
        screen = at.app.screen
        assert isinstance(screen, OnDuty)
        await screen.query(TopLine).remove()
        screen.tell_time()


async def test_f1_explains_what_is_in_focus(world: World, duty: Duty) -> None:
    """The thing, its screen, then every key that does something there; F1 or Escape closes it."""
    async with terminal(world, duty) as at:
        for heading, act in (
            ("Les touches d'ici", "Trouver une personne"),
            ("The keys of this screen", "Find a person"),
        ):
            await at.press("f1")
            await at.sees(heading)
            words = at.text
            assert "F2" in words
            assert words.index(act) < words.index(heading), words
            await at.press("f1")

            assert heading not in at.text
            await at.press("ctrl+l")


async def test_the_palette_speaks_the_language(world: World, duty: Duty) -> None:
    """Its own words too; what it finds is done as by its key."""
    spoken = (
        ("Chercher une commande…", "Aucune commande de ce nom"),
        ("Search for a command…", "No command of that name"),
    )
    async with terminal(world, duty) as at:
        for placeholder, nothing in spoken:
            await at.press("ctrl+p")
            await at.until(lambda: placeholder in at.text, placeholder)  # noqa: B023  # at once
            await at.type("xyzxyz")
            await at.until(lambda: nothing in at.text, nothing)  # noqa: B023  # likewise
            await at.press("escape", "escape", "ctrl+l")
        await at.press("ctrl+p")
        await at.type("F3")
        await at.until(lambda: "F3" in at.text and spoken[0][1] not in at.text, "F3")
        await at.press("down", "enter")
        await at.until(lambda: isinstance(at.app.screen, Lookup), "the look-up")


async def test_the_language_changes_under_a_call(world: World, duty: Duty) -> None:
    """Ctrl+L: the same screen, the same person, in English; and back."""
    async with terminal(world, duty) as at:
        await at_file(at)
        await at.press("ctrl+l")
        await at.sees("What happened", "Verify the caller", "camille opens the file")
        assert "Ce qui s'est passé" not in at.text
        await at.press("ctrl+l")
        await at.sees("Ce qui s'est passé")


async def test_a_code_is_typed_anywhere(world: World, duty: Duty) -> None:
    """Where there is no input, at any speed, in any writing."""
    step = world.house.password.message_asked
    async with terminal(world, duty) as at:
        await at_file(at)
        await at.type("mp-4")
        await at.sees(step.copy.title.msgid, "À dire", "Si ça coince")
        await at.press("escape")
        await at.press("f3")
        await at.type("ZZ")
        await at.sees("Aucune étape n'a ce code", world.house.password.identify.code)


async def test_a_message_is_looked_up_by_its_words(world: World, duty: Duty) -> None:
    """Typed anywhere; why it comes, what the caller reads, and the step where it is met, one Enter away."""
    async with terminal(world, duty) as at:
        await at_file(at)
        await at.type("expiré")
        await at.sees(
            LinkExpired.title.msgid, str(LinkExpired.cause and LinkExpired.cause.msgid), "Ce que lit la personne"
        )
        await at.press("tab", "tab", "enter")
        await at.sees(world.house.password.mail.copy.title.msgid, "À dire")


async def test_messages_of_the_same_words_are_chosen_from(world: World, duty: Duty) -> None:
    """Each with its steps; the arrows choose."""
    async with terminal(world, duty, size=LARGE) as at:
        await at.press("f3")
        await at.sees("Quel code, ou quel message")
        await at.type("trop d'essais")
        await at.sees(world.house.password.choose_way.code)
        await at.press("enter", "enter")
        await at.sees("Ce que lit la personne", TooManySignIns.remedy[1].msgid[:30])


async def test_the_colours_go_round(world: World, duty: Duty) -> None:
    """Ctrl+T: dark, light, contrasted, dark."""
    async with terminal(world, duty) as at:
        seen = []
        for _ in range(4):
            seen.append(at.app.theme)
            await at.press("ctrl+t")

    assert seen == [each.name for each in (*themes.THEMES, themes.DARK)]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""

    def luminance(written: str) -> float:
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in Color.parse(written).normalized
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_every_writing_stands_out(theme: themes.Theme) -> None:
    """4.5 to 1 for each colour of writing on each ground it stands on; 7 to 1 in the contrasted look."""
    grounds = [theme.background, theme.surface, theme.panel]
    inks = [theme.foreground, theme.primary, theme.accent, theme.error, theme.success, theme.variables["soft"]]
    pairs = [(ink, ground) for ink in inks for ground in grounds]
    pairs += [(theme.variables["mast-ink"], theme.variables["mast"]), (theme.variables["on-primary"], theme.primary)]
    pairs += [(theme.background, theme.accent), (theme.background, theme.error)]
    least = 7 if theme is themes.CONTRAST else 4.5

    assert [(ink, ground) for ink, ground in pairs if contrast(str(ink), str(ground)) < least] == []


async def test_without_colours_it_can_still_be_read(world: World, duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR: greys only, and what is in focus is reversed."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with terminal(world, duty) as at:
        await at.sees("À regarder maintenant")
        svg = at.app.export_screenshot()

    colours = {colour.lower() for colour in re.findall(r"fill[:=]\s*\"?(#[0-9a-fA-F]{6})", svg)} - CHROME
    assert colours
    assert all(len(set(re.findall("..", colour[1:]))) == 1 for colour in colours), colours


CHROME = {"#ff5f57", "#febc2e", "#28c840", "#c5c8c6", "#292929", "#ffffff"}
"""Rich's drawing of a window around the screen."""


@contextmanager
def lost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Meanwhile the database does not answer."""

    def unready(*_: object) -> None:
        raise Unready("test")  # likewise in the product

    with monkeypatch.context() as patched:
        patched.setattr(MemoryStore, "read", unready)
        patched.setattr(MemoryStore, "write", unready)
        yield


async def test_a_lost_database_says_so_and_comes_back(
    world: World, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on the screen is lost; an act meanwhile does nothing; without a key all goes on."""
    async with terminal(world, duty) as at:
        await at_file(at)
        with lost(monkeypatch):
            await at.until(lambda: "La base de données ne répond pas" in at.text, "the banner")
            assert "Camille Martin" in at.text
        await at.until(lambda: "ne répond pas" not in at.text, "the end of it")
        world.link(CAMILLE)
        await at.sees("Le serveur de messagerie a pris le message.")


async def test_nothing_is_claimed_of_what_is_still_being_read(
    world: World, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nothing needs attention is known once the store has answered."""
    answers, look = Event(), Home.look

    def slow(home: Home, duty: Duty) -> Overview:
        assert answers.wait(60)
        return look(home, duty)

    monkeypatch.setattr(Home, "look", slow)
    async with terminal(world, duty) as at:
        await at.sees("Lecture en cours…")
        assert "Rien ne demande" not in at.text
        answers.set()
        await at.sees("Rien ne demande votre attention.")


async def test_what_was_typed_stays_while_the_database_is_lost(
    world: World, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller need not say it again."""
    async with terminal(world, duty) as at:
        await at_file(at)
        await at.press("f5")
        await at.sees("La personne dit être")
        await at.type("31/12/1970")
        await at.press("enter")
        await at.type(NUMEN)
        with lost(monkeypatch):
            await at.press("enter")
            await at.until(lambda: "La base de données ne répond pas" in at.text, "the banner")
        await at.press("enter")
        await at.sees("vérifié, jusqu'à")


async def test_42_no_screen_shows_a_secret(world: World, duty: Duty) -> None:
    """Neither password, address, link nor token, on the file, the guide and the look-up of a voter who has just been through all of it."""
    add_known(world, RENEE, "12A1234567BCE", first_name="Renée", last_name="Dupont")
    token = world.link(RENEE)
    world.links.choose_password(token, GOOD)
    shown = ""
    async with terminal(world, duty, size=(120, 40)) as at:
        await at_file(at, "Renée Dupont")
        await at.sees("Un nouveau mot de passe est enregistré.")
        shown += at.text
        await at.press("f4")
        await at.until(lambda: at.app.screen.query("VoterPage"), "the guide")
        for _ in range(7):
            shown += at.text + at.words
            await at.press("down")

    assert [secret for secret in (GOOD, RENEE, token) if secret in shown] == []
