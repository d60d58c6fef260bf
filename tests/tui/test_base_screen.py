"""Every screen of the terminal handles window sizes, keys, help, commands, languages, colours and a lost database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Event

import pytest
from textual.widgets import Static

from core.adapters.sql.store import SqlStore
from core.desk.authorisation import AgentSession
from core.desk.home import HomeOverview, HomeOverviewReader
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms.errors import LinkExpired, TooManySignIns
from core.ports import StoreUnavailable
from core.text.faces.desk_terminal_texts import HOME_EXPLAINED
from core.text.faces.help_page_texts import PICTURES_AT_DESK
from core.text.text import Text
from tests.support.desk import NUMEN, add_known
from tests.support.election import CAMILLE, GOOD
from tests.support.terminal import HUGE, LARGE, SMALL, terminal
from tests.support.worlds import World
from tui import themes
from tui.agent_script import AgentStepPanel
from tui.base_screen import BaseScreen
from tui.dialogs import ChoiceDialog
from tui.field_widgets import FieldInput
from tui.form_dialogs import LockScreen
from tui.help_dialog import explained_keys_of
from tui.incident_screen import IncidentScreen
from tui.key_bindings import KeyHint, KeyHintsLine, key_name
from tui.picture_progress import HelpPictureProgressLine
from tui.signed_in_screen import SelfUpdatingScreen, SignedInScreen, TopLine

RENEE = "renee.dupont@ac-lumiere.example"


async def test_the_home_claims_nothing_before_it_has_read_and_a_window_too_small_says_so(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home screen says that nothing needs attention only after it has read the database.

    In a window that is too small, the screen shows only a sentence about the size.
    """
    answers, overview = Event(), HomeOverviewReader.overview

    @wraps(overview)
    def slow(home: HomeOverviewReader, session: AgentSession) -> HomeOverview:
        assert answers.wait(180)
        return overview(home, session)

    monkeypatch.setattr(HomeOverviewReader, "overview", slow)
    async with terminal(world, session) as at:
        await at.sees("Lecture en cours…")
        assert "Rien ne demande" not in at.text
        answers.set()
        await at.sees("Rien ne demande votre attention.")
        for size in ((79, 24), (80, 23), (40, 10)):
            await at.pilot.resize_terminal(*size)
            await at.sees("Cette fenêtre est trop petite", "80 colonnes et 24 lignes")
            assert "À regarder maintenant" not in at.text
            await at.pilot.resize_terminal(*SMALL)
            await at.sees("À regarder maintenant")

            assert "trop petite" not in at.text
        await at.press("f2")
        await at.type("mar")
        await at.pilot.resize_terminal(40, 12)
        await at.sees("Cette fenêtre est trop petite")
        await at.pilot.resize_terminal(*SMALL)
        await at.until(lambda: isinstance(at.app.screen.focused, FieldInput), "the focus")

        await at.pilot.resize_terminal(40, 12)
        await at.sees("Cette fenêtre est trop petite")
        screen = at.app.screen
        assert isinstance(screen, BaseScreen)
        await screen.redraw()
        await at.pilot.resize_terminal(*SMALL)
        await at.until(lambda: screen.focused is not None and screen.focused.is_attached, "a focus that is there")


async def test_each_screen_polls_once_and_calls_nothing_for_nobody(world: World, session: AgentSession) -> None:
    """Each screen has one polling task, and makes no request when no agent is signed in."""
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("f4")
        await at.sees("À dire")
        polled = [each.node for each in at.app.workers if each.name == "poll"]
        screens = [each for each in at.app.screen_stack if isinstance(each, SelfUpdatingScreen)]
        assert len(screens) == len(polled) == 3
        assert set(polled) == set(screens)
    async with terminal(world) as at:  # the sign-in, because the timers of the other screens need an agent
        await at.sees("Ouvrir une session")
        screen, overview = at.app.screen, world.services.desk.home.overview
        assert isinstance(screen, BaseScreen)
        assert await screen.call_desk(overview) is None
        assert not await screen.succeeds(overview)


async def test_the_key_line_is_whole_and_true(world: World, session: AgentSession) -> None:
    """At 80 columns, the key line shows exactly the available keys, each completely. A click on a key presses it."""
    async with terminal(world, session) as at:

        def is_whole() -> bool:
            columns, _ = at.app.size
            keys = [key.region for key in at.app.screen.query_one(KeyHintsLine).query(KeyHint)]
            bound = {each.binding.action for each in at.app.screen.active_bindings.values() if each.binding.show}
            bound -= set() if at.app.session.has_call_to_end_or_correct else {"app.end_call"}
            return len(keys) == len(bound) and all(key.area and key.right <= columns for key in keys)

        async def check() -> None:
            for columns, *keys in ((112,), (80, "ctrl+g"), (80, "ctrl+g")):
                await at.pilot.resize_terminal(columns, 24)
                await at.press(*keys)
                await at.until(is_whole, "every key")
                closes = at.app.screen.is_modal and not isinstance(at.app.screen, LockScreen)
                assert not at.app.screen.is_modal or ("Échap" in at.text or "Esc" in at.text) is closes, at.text

        for keys in ((), ("f2",), ("escape", "f3"), ("escape", "f1")):
            await at.press(*keys)
            await check()
        await at.press("escape")
        await at.open_file()
        await check()
        await at.press("f4")
        await at.sees("À dire")
        await check()
        await at.press("f9")
        await at.sees("Session de camille")
        await check()
        await at.pilot.click(KeyHint)
        await at.until(lambda: at.app.screen.query(".help-key"), "the help after a click on its key")


async def test_a_question_mark_shows_the_keys_of_the_screen_and_after_other_letters_is_text(
    world: World, session: AgentSession
) -> None:
    """A question mark opens a list of the screen's keys. After other letters in an input, it is ordinary text."""
    async with terminal(world, session) as at:
        await at.type("?")
        await at.sees("Les touches de partout", "F7 Incidents")
        await at.press("escape")
        await at.type("a?")
        await at.until(lambda: at.app.screen.query_one(FieldInput).value == "a?", "the text")
        await at.press("escape")
        await at.open_file()
        for closing in ("question_mark", "escape"):
            beneath = [key_name(each, at.app.session.translator) for each in explained_keys_of(at.app.screen)]
            await at.press("question_mark")
            await at.sees("Les touches de partout", "F6 Envoyer le message")
            shown = [str(line.visual).split(" ")[0] for line in at.app.screen.query("CheatSheet .key").results(Static)]
            assert sorted(shown) == sorted(beneath)
            await at.press(closing)
            await at.sees("Ce qui s'est passé")
        await at.press("f10")
        await at.until(lambda: isinstance(at.app.screen, ChoiceDialog), "the outcomes")
        await at.press("question_mark")
        await at.sees("Les touches de partout")


async def test_a_demos_home_counts_the_pictures_of_the_help(world: World, session: AgentSession) -> None:
    """In a demo, the home screen shows how many help pictures were taken, and hides the line after the last."""
    async with terminal(world, session) as at:
        told: list[Text | None] = [PICTURES_AT_DESK.fill({"taken": 140, "wanted": 560})]
        at.app.session.tips = (HOME_EXPLAINED,)
        at.app.session.missing_pictures_notice = lambda: told[-1]
        await at.press("ctrl+g", "ctrl+g")
        await at.sees("images de l'aide : 140 sur 560")

        told.append(None)
        at.app.screen.query_one(HelpPictureProgressLine).count_pictures()
        await at.pilot.pause()
        assert "images de l'aide" not in at.text


async def test_colours_help_and_palette_of_every_screen(world: World, session: AgentSession) -> None:
    """Ctrl+T changes the theme, F1 shows the help, and Ctrl+P opens the command palette, in both languages."""
    expected = (
        ("Chercher une commande…", "Aucune commande de ce nom"),
        ("Search for a command…", "There is no command with that name"),
    )
    async with terminal(world, session) as at:
        seen = []
        for _ in range(4):
            seen.append(at.app.theme)
            await at.press("ctrl+t")
        assert seen == [each.name for each in (*themes.THEMES, themes.DARK)]
        screen = at.app.screen
        assert isinstance(screen, SignedInScreen)
        await screen.query(TopLine).remove()
        screen.update_clock()

        for heading, act in (
            ("Les touches d'ici", "Tapez un nom"),
            ("The keys of this screen", "Type a name"),
        ):
            await at.press("f1")
            await at.sees(heading, act)
            words = at.text
            assert "Ctrl+T" in words
            assert words.index(act) < words.index(heading), words
            await at.press("f1")
            await at.until(lambda: heading not in at.text, "the end of the help")  # noqa: B023  # at once
            await at.press("ctrl+g")
        for placeholder, nothing in expected:
            await at.press("ctrl+p")
            await at.until(lambda: placeholder in at.text, placeholder)  # noqa: B023  # at once
            await at.type("xyzxyz")
            await at.until(lambda: nothing in at.text, nothing)  # noqa: B023  # likewise
            await at.press("escape", "escape", "ctrl+g")
        await at.press("ctrl+p")
        await at.type("F7")
        await at.until(lambda: "F7" in at.text and expected[0][1] not in at.text, "F7")
        await at.press("down", "enter")
        await at.until(lambda: isinstance(at.app.screen, IncidentScreen), "the incidents")


async def test_codes_and_messages_are_found_anywhere(world: World, session: AgentSession) -> None:
    """The slash opens the search on any screen. It finds steps and error messages, and the first Enter opens one."""
    steps = world.services.flows[PasswordFlowPlugin].steps
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.type("/mp-4\r")
        await at.sees(steps.message_asked.copy.title.msgid, "À dire", "Si ça coince")
        await at.type("1")
        problem = at.app.screen.query_one(AgentStepPanel).problems[0]
        await at.sees(problem.advice.msgid[:20])
        await at.press("escape")
        await at.type("/trop d'essais\r")
        await at.sees("Sur l'écran de la personne", TooManySignIns.remedy[1].msgid[:30])
        await at.press("escape", "f3")
        await at.sees("Chercher une personne, un dossier, une étape, un message affiché")
        await at.type("expiré")
        await at.sees("difficulté · MP-5")
        await at.press("enter")
        await at.sees(LinkExpired.title.msgid, str(LinkExpired.cause and LinkExpired.cause.msgid))
        await at.press("tab", "enter")
        await at.sees(steps.mail.copy.title.msgid, "À dire")


async def test_without_colours_it_can_still_be_read(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR set, the terminal shows only greys."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with terminal(world, session) as at:
        await at.sees("À regarder maintenant")
        svg = at.app.export_screenshot()

    colours = {colour.lower() for colour in re.findall(r"fill[:=]\s*\"?(#[0-9a-fA-F]{6})", svg)} - CHROME
    assert colours
    assert all(len(set(re.findall("..", colour[1:]))) == 1 for colour in colours), colours


CHROME = {"#ff5f57", "#febc2e", "#28c840", "#c5c8c6", "#292929", "#ffffff"}
"""Colours of the window frame that Rich draws around an exported screen."""


@contextmanager
def lost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def unready(*_: object) -> None:
        raise StoreUnavailable("test")

    with monkeypatch.context() as patched:
        patched.setattr(SqlStore, "read", unready)
        patched.setattr(SqlStore, "write", unready)
        yield


async def test_a_lost_database_says_so_and_comes_back_in_either_language(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the database is lost, a banner says so, and what the agent has typed is kept until it is back."""
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("ctrl+g")
        await at.sees("What happened", "Verify the caller", "camille opened the file")
        assert "Ce qui s'est passé" not in at.text
        await at.press("ctrl+g")
        await at.sees("Ce qui s'est passé")
        with lost(monkeypatch):
            await at.until(lambda: "Le service de l'assistance ne répond pas" in at.text, "the banner")
            assert "Camille Martin" in at.text
        await at.until(lambda: "ne répond pas" not in at.text, "the end of it")
        world.link(CAMILLE)
        await at.sees("Le message est parti.")
        await at.press("f5")
        await at.sees("La personne dit être")
        await at.type("31/12.1970")
        await at.press("enter")
        await at.type(NUMEN)
        with lost(monkeypatch):
            await at.press("enter")
            await at.until(lambda: "Le service de l'assistance ne répond pas" in at.text, "the banner")
            await at.until(lambda: not at.app.is_acting, "the end of the try")
        await at.press("enter")
        await at.sees("Appelant vérifié jusqu'à")


async def test_no_screen_shows_a_secret(world: World, session: AgentSession) -> None:
    """Neither the voter's file nor the guide shows a password, a whole mail address or the token of a link."""
    add_known(world, RENEE, "12A1234567BCE", first_name="Renée", last_name="Dupont")
    token = world.link(RENEE)
    world.links.choose_password(token, GOOD)
    shown = ""
    async with terminal(world, session, size=(120, 40)) as at:
        await at.open_file("dupont", "Renée Dupont")
        await at.sees("Un nouveau mot de passe est enregistré.")
        shown += at.text
        await at.press("f4")
        await at.until(lambda: at.app.screen.query("VoterPagePreview"), "the guide")
        for _ in range(7):
            shown += at.text + at.words
            await at.press("down")

    assert [secret for secret in (GOOD, RENEE, token) if secret in shown] == []


async def test_a_list_is_wrapped_anew_when_the_window_changes(world: World, session: AgentSession) -> None:
    """The lines of a list are wrapped again when the size of the window changes."""
    sentence = "doit appeler, et un responsable signer"
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    async with terminal(world, session, size=SMALL) as at:
        for size, wrapped in ((SMALL, True), (HUGE, False), (SMALL, True)):
            await at.pilot.resize_terminal(*size)
            await at.sees(sentence)
            await at.until(lambda: (sentence not in at.text) is wrapped, f"{size}")  # noqa: B023  # used at once
