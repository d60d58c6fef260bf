"""The most frequent calls need only a few keys, and automatic updates do not disturb them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from unittest.mock import AsyncMock

import pytest
from textual.events import Paste
from textual.widgets import OptionList

from core.adapters.sql.store import SqlStore
from core.app.services import Services
from core.desk.authorisation import AgentSession
from core.flows.password.definition import PasswordFlow
from core.policy.policy import Policy
from core.ports import AgentRole, StoreUnavailable, Voter
from core.text.faces.desk_terminal_texts import COPIED, NO_CASE_TO_COPY
from tests.support.desk import AGENT_PASSWORD, NUMEN, add_known, let_call_go_on, new_agent, signed_in_agent
from tests.support.election import CAMILLE
from tests.support.stores import writing
from tests.support.terminal import HUGE, LARGE, SMALL, Terminal, held_back, terminal
from tests.support.worlds import World
from tui import base_screen
from tui.action_button import ActionButtonWithReason
from tui.agent_script import AgentStepPanel, CollapsedCommonProblem
from tui.dialogs import ConfirmDialog
from tui.field_widgets import FieldInput
from tui.form_dialogs import LockScreen
from tui.guide_screen import VoterStepGuideScreen
from tui.home_screen import HomeScreen
from tui.search_panel import SearchPanel
from tui.timeline_widget import Timeline
from tui.voter_file_screen import VoterFileScreen

STEPS = PasswordFlow(Policy())
BORN = "31121970"
FIRST_PAGE = (
    "Compte bloqué le",
    "Message parti à",
    "Mot de passe",
    "F5",
    "F6",
    "F4",
    "F8  Rouvrir",
)


@dataclass
class CountedKeys:
    """Types at a terminal and counts the pressed keys."""

    at: Terminal
    pressed: int = 0

    async def keys(self, *keys: str) -> None:
        self.pressed += len(keys)
        await self.at.press(*keys)

    async def type(self, text: str) -> None:
        self.pressed += len(text)
        await self.at.type(text)


async def test_a_forgotten_password_takes_thirty_keys(world: World, session: AgentSession) -> None:
    """A whole call about a forgotten password needs at most thirty keys, because each next button has the focus."""
    add_known(world, "claire.durand@ac-lumiere.example", "12A1234567BCE", first_name="Claire", last_name="Durand")
    async with terminal(world, session) as at:
        agent = CountedKeys(at)
        await agent.type("mart")
        await at.sees("Camille Martin")
        await agent.keys("enter")
        await at.sees("ouvre la fiche")
        await agent.type(BORN[0])
        await at.sees("La personne dit être Camille Martin")
        await agent.type(BORN[1:])
        await at.until(lambda: at.app.screen.query_one("#birth_date-year", FieldInput).value == "1970", "the date")
        await agent.type(NUMEN.lower())
        await agent.keys("enter")
        await at.until(lambda: at.app.screen.query("#action-mail PlainTextButton:focus"), "the next act")
        await agent.keys("enter")
        await at.until(lambda: at.app.screen.query("#action-guide PlainTextButton:focus"), "the next act")
        await agent.keys("enter")
        await at.sees(f"▶ {STEPS.mail.code}", "À dire", "Dans sa messagerie seulement")
        await agent.keys("f10")
        await at.sees("Appel noté")

        assert agent.pressed <= 30, agent.pressed


async def test_a_message_that_does_not_come_takes_thirteen_keys(world: World, session: AgentSession) -> None:
    """From a case number, thirteen keys lead to what the agent should say about the missing mail."""
    number = world.number(world.ask())
    world.courier().run_once()
    async with terminal(world, session) as at:
        agent = CountedKeys(at)
        await agent.type(number.replace("-", "").lower())
        await at.sees(number)
        await agent.keys("enter")
        await at.sees("Message parti à 12:01", "Faites ouvrir la messagerie professionnelle")

        assert isinstance(at.app.screen, VoterStepGuideScreen)
        assert agent.pressed <= 13


async def test_before_a_case_the_guide_begins_where_the_caller_says(world: World, session: AgentSession) -> None:
    """Before a case begins, the guide starts at the step code that the agent has typed.

    It follows the case when one begins.
    """
    async with terminal(world, session, size=LARGE) as at:
        await at.type("mp2")
        await at.until(lambda: at.app.screen.query_one(SearchPanel).found, "the step")
        await at.press("enter")
        await at.sees("À dire", STEPS.choose_way.copy.title.msgid)
        await at.press("escape")
        await at.open_file()
        await at.press("f4")
        await at.sees(f"Étape {STEPS.choose_way.code}")
        await at.type("/mp3\r")
        await at.sees(f"La personne dit être à l'étape {STEPS.confirm.code}")
        world.ask()
        world.courier().run_once()
        await at.sees(f"▶ {STEPS.message_asked.code}", "arrivée non confirmée")


async def test_a_step_of_a_former_caller_is_forgotten(world: World, session: AgentSession) -> None:
    """A step that the agent looked up in an earlier call does not become the next caller's step."""
    async with terminal(world, session, size=LARGE) as at:
        for minutes, *end in ((0, "f10", "1"), (3,)):
            await at.type("mp6")
            await at.until(lambda: at.app.screen.query_one(SearchPanel).found, "the step")
            await at.press("enter")
            await at.sees("À dire")
            await at.press("escape")
            await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
            await at.press(*end)
            world.clock.move(minutes=minutes)
            await at.open_file()
            assert at.app.session.recent_files[0].named_step is None
            await at.press("f10", "1")
            await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")


async def test_a_verification_survives_leaving_the_file_and_ends_with_the_call(
    world: World, session: AgentSession
) -> None:
    """A caller stays verified if the agent returns to the file within two minutes, until the call ends."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("escape")
        await at.sees("Fiches récentes", "Camille Martin · 12:0")
        world.clock.move(minutes=1)
        await at.open_file()
        await at.sees("Appelant vérifié jusqu'à")
        assert at.app.screen.query("#action-mail PlainTextButton:focus"), "the next act, not another verification"
        await at.press("escape")
        await at.sees("Fiches récentes")
        world.clock.move(minutes=3)
        await at.open_file()
        await at.sees("à faire avant F6 et F8")
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        world.clock.move(minutes=3)  # more than the two minutes without reading the file
        await at.sees("à faire avant F6 et F8")
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f10")
        await at.sees("Comment cet appel")
        await at.press("1")
        await at.sees("Appel noté")  # the search then has the focus
        at.app.screen.query_one("#recent", OptionList).focus()
        await at.press("enter")
        await at.sees("à faire avant F6 et F8")


async def test_one_key_copies_and_a_digit_opens_a_trouble(world: World, session: AgentSession) -> None:
    """One key copies the case number, the script or a summary without a name, and a digit expands a common problem."""
    number = world.number(world.ask())
    world.courier().run_once()
    async with terminal(world, session, size=HUGE) as at:
        await at.open_file()
        await at.press("f4")
        await at.sees("arrivée non confirmée", "Un message est demandé.")
        assert at.app.screen.query_one(Timeline).region.area
        await at.press("ctrl+n")
        assert at.app.clipboard == number
        await at.press("ctrl+d")
        assert "Faites ouvrir la messagerie professionnelle" in at.app.clipboard
        await at.press("ctrl+r")
        assert f"Dossier {number}, étape MP-4" in at.app.clipboard
        assert "Martin" not in at.app.clipboard
        await at.press("2")
        problems = list(at.app.screen.query_one(AgentStepPanel).query(CollapsedCommonProblem))
        await at.until(lambda: [each.collapsed for each in problems[:3]] == [True, False, True], "the second trouble")
        await at.sees("faites supprimer des messages, puis F6 renvoie le message")


async def test_what_is_pasted_arrives_once_and_a_date_whole(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pasted date fills its three inputs, with or without separators. A notice disappears after its time."""
    monkeypatch.setattr(base_screen, "WRONG_NOTICE_SECONDS", 0.5)
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("f6")
        notice = at.app.screen.query_one(base_screen.NoticeLine)
        await at.until(lambda: notice.expiry is not None, "the notice")
        await at.until(lambda: not notice.display, "its end")
        await at.press("f5")
        await at.sees("La personne dit être")
        *parts, numen = at.app.screen.query(FieldInput)
        numen.post_message(Paste(NUMEN))
        await at.until(lambda: numen.value, "the NUMEN")
        assert numen.value == NUMEN
        for pasted in ("31/12/1970", "31121970", "1970-12-31"):
            at.app.screen.set_focus(parts[0])
            parts[0].post_message(Paste(pasted))
            await at.until(lambda: [each.value for each in parts] == ["31", "12", "1970"], pasted)
            for each in parts:
                each.clear()


async def test_a_key_ends_a_notice_that_was_read_but_no_failure(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key hides an old notice. A notice of a failure stays until its time is over."""
    monkeypatch.setattr(base_screen, "READ_SECONDS", 0.0)
    async with terminal(world, session) as at:
        screen = at.app.our_screen
        screen.show_notice(COPIED)
        await at.sees("Envoyé au presse-papiers.")
        await at.press("tab", "tab")
        await at.until(lambda: "Envoyé au presse-papiers." not in at.words, "no notice")
        screen.show_notice(NO_CASE_TO_COPY, wrong=True)
        await at.press("tab", "tab")
        await at.sees("Il n'y a pas encore de dossier.")


@contextmanager
def held_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Delay the results of reads of a voter's file until the block ends. The first read sets the yielded event."""
    held, go_on = held_back(monkeypatch, VoterFileScreen, "read_file")
    try:
        yield held
    finally:
        go_on.set()


@pytest.mark.parametrize("reads_already", [False, True])
async def test_an_act_follows_the_verification_however_fast_its_key_is_pressed(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch, *, reads_already: bool
) -> None:
    """If F6 is pressed twice right after the verification of a caller, the mail is requested once."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        screen = await at.set_file_reload_due(monkeypatch, due=reads_already)
        with held_reads(monkeypatch) as held:
            if reads_already:
                await at.until(held.is_set, "a look that is under way")
            await at.verify_caller()
            await at.until(lambda: at.app.screen is screen, "the file")
            if not reads_already:
                await at.until(held.is_set, "the look after the verification")
            await at.press("f6", "f6")
        await at.sees("camille demande un message pour la personne")
        await at.until(lambda: not at.app.is_acting, "the end of the second F6")

        assert world.waiting_parcels() == 1


async def test_a_key_counts_again_once_its_act_has_a_result(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F8 works again after its question was closed, even if the voter's file is still being read."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.verify_caller()
        await at.until(lambda: at.app.screen.query("#action-mail PlainTextButton:focus"), "the last look at the file")
        await at.set_file_reload_due(monkeypatch, due=False)
        await at.press("f8")
        await at.until(lambda: isinstance(at.app.screen, ConfirmDialog), "the question")
        with held_reads(monkeypatch) as held:
            await at.press("escape")
            await at.until(held.is_set, "the look after the question")
            await at.press("f8")
        await at.until(lambda: isinstance(at.app.screen, ConfirmDialog), "the question again")


async def test_the_flow_that_the_agent_chose_stays_although_the_former_one_was_being_read(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late read of the former flow does not replace the flow that the agent has chosen."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.press("f4")
        await at.sees("À dire")
        guide = at.app.screen
        assert isinstance(guide, VoterStepGuideScreen)
        former, read = guide.flow, VoterStepGuideScreen.read_guide
        monkeypatch.setattr(guide, "is_reload_due", AsyncMock(return_value=True))
        held, go_on = held_back(monkeypatch, VoterStepGuideScreen, "read_guide")
        await at.until(held.is_set, "a look that is under way")
        monkeypatch.setattr(VoterStepGuideScreen, "read_guide", read)
        await at.press("left")
        await at.until(lambda: guide.guide is not None and guide.guide.flow != former, "the next flow")
        chosen = guide.flow
        go_on.set()
        async with guide.redraw_lock:  # wait until the read has ended
            assert guide.flow == chosen != former


async def test_an_auditor_is_not_offered_what_is_refused(
    world: World,
    camille: Voter,  # noqa: ARG001  # on the roll
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An auditor sees no buttons and keys for actions that auditors may not do."""
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    async with terminal(world, auditor, size=LARGE) as at:
        with monkeypatch.context() as patched:
            patched.setattr(VoterFileScreen, "reload", AsyncMock())
            await at.type("martin")
            await at.sees("Camille Martin")
            await at.press("enter")
            await at.until(lambda: at.app.screen.query("#action-freeze"), "the file, not read yet")
            buttons = at.app.screen.query(ActionButtonWithReason)
            assert [each.id for each in buttons if each.display] == ["action-guide"]
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
        await at.open_file()
        await at.until(lambda: isinstance(at.app.screen, VoterFileScreen) and at.app.screen.guide, "the acts")
        await at.press("f5", "f6", "f8", "3")
        await at.pilot.pause()
        for word in ("Vérifier", "Envoyer", "Bloquer"):
            assert word not in at.text
        assert isinstance(at.app.screen, VoterFileScreen)


async def test_the_terminal_warns_before_it_locks(world: World, session: AgentSession) -> None:
    """The terminal warns a minute before it locks. It does not lock while a supervisor's approval is being typed."""
    supervisor = new_agent(world, "robin", AgentRole.SUPERVISOR)
    supervisor.choose_password()
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        world.clock.move(minutes=9, seconds=10)
        await at.sees("l'écran se verrouille à 12:12")
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f8")
        await at.sees("pour quel motif")
        await at.press("ctrl+s")
        await at.sees("Signature d'un responsable")
        let_call_go_on(world, session, at.app.screen.call.caller, minutes=15)
        at.app.check_idle_and_database()
        await at.pilot.pause()
        assert not isinstance(at.app.screen, LockScreen)
        await at.answer("robin", AGENT_PASSWORD, supervisor.code)
        await at.sees("Le compte est rouvert")
        world.clock.move(minutes=10)
        await at.sees("Écran verrouillé")


async def test_alike_lines_are_one_line_that_opens(world: World, session: AgentSession) -> None:
    """Twenty-seven frozen accounts are one line of the attention list, which Enter expands."""
    for number in range(27):
        frozen = add_known(world, f"v{number}@ac-lumiere.example", f"12A12345{number:02d}BCZ", last_name=f"Nom{number}")
        writing(world.store).voters.freeze(frozen.id, epoch=frozen.epoch, at=world.clock.now())
    async with terminal(world, session, size=LARGE) as at:
        await at.sees("27 fois : Compte bloqué", "↑ ↓ Choisir")
        options = at.app.screen.query_one("#attention", OptionList)
        assert options.option_count == 1
        await at.press("down", "enter")
        await at.until(lambda: options.option_count == 28, "its lines")
        await at.press("enter")
        await at.until(lambda: options.option_count == 1, "one line")


async def test_older_cases_are_opened(world: World, session: AgentSession) -> None:
    """Older cases of a voter are listed in the file, and Enter opens one with its own history."""
    old = world.number(world.ask())
    world.courier().run_once()
    world.clock.move(minutes=30)
    world.link(CAMILLE)
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.sees(f"{old} · MP-4")
        at.app.screen.query_one("#cases", OptionList).focus()
        await at.press("enter")
        await at.sees(f"Dossier {old}, étape MP-4", "parti à 12:01, arrivée non confirmée")


async def test_a_small_terminal_shows_the_latest_case_and_all_acts_first(world: World, session: AgentSession) -> None:
    """On a small terminal, the first page of a file shows the latest case and all actions. Older cases follow."""
    for _ in range(4):
        world.ask()
        world.courier().run_once()
        world.clock.move(minutes=70)
    newest = world.number(world.ask())
    world.courier().run_once()
    with world.store.write() as transaction:
        voter = world.voter()
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    async with terminal(world, session, size=SMALL) as at:
        await at.open_file()
        await at.until(lambda: at.app.screen.query_one("#cases", OptionList).option_count == 4, "the older cases")
        await at.until(lambda: all(each in at.text for each in FIRST_PAGE), "the first page")
        assert newest in at.text


async def test_a_lost_database_is_told_of_an_act_and_a_search_goes_on(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the database is lost, the failed action is named, and a search is repeated when the database is back."""

    def unready(*_: object) -> None:
        raise StoreUnavailable("test")

    async with terminal(world, session) as at:
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        with monkeypatch.context() as patched:
            patched.setattr(SqlStore, "write", unready)
            patched.setattr(Services, "readiness", lambda _: {"database": "lost"})
            await at.press("f6")
            await at.sees("« Envoyer le message » n'a pas été fait")
            await at.press("escape")
            await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
            patched.setattr(SqlStore, "read", unready)
            await at.type("martin")
            await at.pilot.pause()
            assert at.app.screen.query_one(SearchPanel).found == ()
        await at.sees("Camille Martin")
        assert world.waiting_parcels() == 0


async def test_ctrl_c_and_ctrl_l_do_what_they_say(world: World, session: AgentSession) -> None:
    """Ctrl+C says how to quit, Ctrl+Q ends the session, and Ctrl+L keeps the language."""
    async with terminal(world, session) as at:
        await at.sees("Rien ne demande votre attention.")
        assert "Choisir" not in at.text, "there is no list to choose from"
        await at.press("tab", "ctrl+l")
        await at.sees("À regarder maintenant")
        await at.press("ctrl+c")
        await at.sees("Rien n'est sélectionné. Ctrl+Q ferme la session.")
        assert at.app.is_running
        await at.press("ctrl+q")
        await at.until(lambda: not at.app.is_running, "the end")
    assert world.kept.lines()[-1][0] == "duty-ended"
