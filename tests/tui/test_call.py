"""A call at the terminal: finding a person, their file, verifying them, the mail, the guide. CASES 41 to 43."""

from asyncio import create_task, sleep
from collections.abc import Callable
from typing import TypeVar

import pytest
from textual.events import Key

import tui.frame
from core.errors import NumenUnreadable
from core.flows.password import password_flow
from core.policy import Policy
from core.ports import Role, Voter
from core.service.desk.proofs import Duty
from tests.support.desk import NUMEN, OWN, add_known, sitting
from tests.support.election import CAMILLE, GOOD, STRANGER
from tests.support.terminal import HUGE, LARGE, SMALL, Terminal, terminal
from tests.support.worlds import World
from tui.case_file import CaseFileScreen
from tui.home import HomeScreen
from tui.step_screen import StepScreen
from tui.voter_file import VoterFileScreen

STEPS = password_flow(Policy())
INSTANTS = 12
"""Turns of the event loop: a screen that is left is gone by then."""
A = TypeVar("A")


async def find(at: Terminal, typed: str = "martin camille") -> None:
    """From anywhere to a person's file."""
    await at.press("f2")
    await at.type(typed)
    await at.sees("Camille Martin", "Lumière")
    await at.press("enter")
    await at.sees("Ce qui s'est passé", "ouvre la fiche")


async def verify(at: Terminal, numen: str = NUMEN) -> None:
    """The caller's answers."""
    await at.press("f5")
    await at.sees("La personne dit être Camille Martin")
    for part in ("31", "12", "1970", numen):
        await at.type(part)
        await at.press("enter")


async def test_a_person_is_found_as_one_types(world: World, duty: Duty) -> None:
    """Names in any order; what is masked stays masked; Enter opens the file."""
    async with terminal(world, duty) as at:
        await find(at)

        assert isinstance(at.app.screen, VoterFileScreen)
        assert CAMILLE not in at.text


async def test_namesakes_are_told_apart_and_chosen_by_arrows(world: World, duty: Duty) -> None:
    """Each line says what else is known; the arrows move while one goes on typing."""
    other = add_known(world, "camille.martin2@ac-lumiere.example", "12A1234567BCE", phone_ending="43")
    async with terminal(world, duty) as at:
        await at.press("f2")
        await at.type("martin")
        await at.sees("finit par 42", "finit par 43")
        await at.press("down", "enter")
        await at.sees("ouvre la fiche")

        assert isinstance(at.app.screen, VoterFileScreen)
        assert at.app.screen.call.voter == other.id


async def test_nobody_found_is_said(world: World, duty: Duty) -> None:
    """And Escape goes back."""
    async with terminal(world, duty) as at:
        await at.press("f2")
        await at.type("zzz")
        await at.sees("Personne.")
        await at.press("escape")

        assert isinstance(at.app.screen, HomeScreen)


async def test_a_case_of_nobody_known_is_opened_by_its_number(world: World, duty: Duty) -> None:
    """The agent reads what became of it, and can do nothing there."""
    number = world.number(world.ask(STRANGER))
    world.courier().round()
    async with terminal(world, duty) as at:
        await at.press("f2")
        await at.type(number)
        await at.sees("Dossier sans personne connue")
        await at.press("enter")
        await at.sees("Rien n'est parti")

        assert isinstance(at.app.screen, CaseFileScreen)
        assert STRANGER not in at.text
        await at.press("f4")
        await at.sees("À dire", STEPS.message_asked.code)


async def test_41_nothing_is_done_before_the_caller_is_verified(world: World, duty: Duty) -> None:
    """The acts say why; pressed all the same, they say it once more and do nothing."""
    async with terminal(world, duty) as at:
        await find(at)
        await at.press("f6")
        await at.sees("Vérifiez d'abord l'appelant.")
        await at.press("f8")
        await at.pilot.pause()

        assert world.waiting_parcels() == 0
        assert world.voter().frozen is None


async def test_41_a_caller_who_is_someone_else_is_stopped(world: World, duty: Duty) -> None:
    """One sentence for whatever was wrong; the answers are gone from the screen, and no act is open."""
    async with terminal(world, duty) as at:
        await find(at)
        await verify(at, numen="99Z9999999ZZZ")
        await at.sees("L'appelant n'est pas vérifié")

        assert "99Z9999999ZZZ" not in at.text
        await at.press("escape", "f6")
        await at.sees("Vérifiez d'abord l'appelant.")
        assert world.waiting_parcels() == 0


async def test_an_agent_types_ahead_of_a_busy_terminal(world: World, duty: Duty) -> None:
    """Keys that come all at once go where they were meant to: what follows a tab, to the next field."""
    async with terminal(world, duty) as at:
        await find(at)
        await at.press("f5")
        await at.sees("La personne dit être Camille Martin")
        for typed in ("3", "1", "tab", "1", "2", "tab", *"1970", "tab", *NUMEN.lower()):
            at.app.post_message(Key(typed, typed if len(typed) == 1 else None))
        await at.press("enter")
        await at.sees("vérifié, jusqu'à")


async def test_a_birth_date_is_typed_as_one_writes_it(world: World, duty: Duty) -> None:
    """What stands between its parts goes to the next one."""
    async with terminal(world, duty) as at:
        await find(at)
        await at.press("f5")
        await at.sees("La personne dit être Camille Martin")
        await at.type("31/12.1970")
        await at.press("enter")
        await at.type(NUMEN)
        await at.press("enter")
        await at.sees("vérifié, jusqu'à")


async def test_an_answer_that_cannot_be_read_is_told_at_its_field(world: World, duty: Duty) -> None:
    """Before anything is asked or counted."""
    async with terminal(world, duty) as at:
        await find(at)
        await verify(at, numen="12")
        await at.sees(NumenUnreadable.sentence.msgid[:24])

        assert at.app.screen.query_one("#numen").has_focus


async def test_a_whole_call(world: World, duty: Duty) -> None:
    """Verified, the mail is asked for; the ticks follow the voter to the end without a key."""
    async with terminal(world, duty, size=LARGE) as at:
        await find(at)
        await verify(at)
        await at.sees("Appelant vérifié : Camille Martin.", "vérifié, jusqu'à 12:31")
        await at.press("f6")
        await at.sees("camille demande un message pour la personne.")
        await at.press("f4")
        await at.sees(f"▶ {STEPS.message_asked.code}", f"✓ {STEPS.confirm.code}")
        world.courier().round()
        await at.sees(f"▶ {STEPS.mail.code}", "Bonjour Camille Martin")
        world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
        await at.sees(f"✓ {STEPS.done.code}", "Un nouveau mot de passe est enregistré.")
        await at.press("escape")
        await at.sees("choisi le vendredi 30 novembre 2018 à 12:01")

        assert GOOD not in at.text


async def test_the_mail_is_sent_again_after_the_pause_only(world: World, duty: Duty) -> None:
    """Until then the button says from when; afterwards it works."""
    async with terminal(world, duty, size=LARGE) as at:
        await find(at)
        await verify(at)
        await at.sees("vérifié, jusqu'à")
        await at.press("f6")
        await at.sees("Renvoyer le message", "Possible à partir de 12:04")
        await at.press("f6")
        await at.pilot.pause()
        world.courier().round()
        assert len(world.post.links(CAMILLE)) == 1

        world.clock.move(minutes=4)
        button = at.app.screen.query_one("#deed-mail ActButton")
        await at.until(lambda: not button.has_class("-closed"), "the end of the pause")
        await at.press("f6")
        await at.sees("C'est demandé.")
        world.courier().round()
        assert len(world.post.links(CAMILLE)) == 2


async def test_43_the_voter_asks_at_the_same_moment(world: World, duty: Duty) -> None:
    """The agent's act does nothing more, and the screen says where things stand."""
    async with terminal(world, duty, size=LARGE) as at:
        await find(at)
        await verify(at)
        await at.sees("vérifié, jusqu'à")
        screen = at.app.screen
        assert isinstance(screen, VoterFileScreen)
        screen.look_seconds = 3600  # what the agent sees is a little old
        world.ask()
        world.courier().round()
        await at.press("f6")
        await at.sees("Un message vient d'être demandé")
        world.courier().round()

        assert len(world.post.links(CAMILLE)) == 1


async def test_freezing_and_opening_again(world: World, duty: Duty) -> None:
    """Freezing asks first; opening needs a supervisor's name, password and code."""
    supervisor = sitting(world, "robin", Role.SUPERVISOR)
    supervisor.arrive()
    async with terminal(world, duty, size=LARGE) as at:
        await find(at)
        await verify(at)
        await at.press("f8")
        await at.sees("Bloquer le compte de Camille Martin ?")
        await at.press("enter")
        await at.pilot.pause()
        assert world.voter().frozen is None, "the careful way is under the cursor"

        await at.press("f8")
        await at.sees("Bloquer le compte de Camille Martin ?")
        await at.press("tab", "enter")
        await at.sees("Compte bloqué depuis le vendredi 30 novembre 2018", "Rouvrir le compte")
        await at.press("f8")
        await at.sees("Signature d'un responsable")
        for typed in ("robin", OWN, supervisor.code):
            await at.type(typed)
            await at.press("enter")
        await at.sees("Le compte est rouvert", "robin signe comme responsable.")

        assert world.voter().frozen is None


async def test_an_agent_cannot_countersign_themselves(world: World, duty: Duty, camille: Voter) -> None:
    """The refusal stands in the dialog; the account stays frozen."""
    del camille
    async with terminal(world, duty, size=LARGE) as at:
        await find(at)
        await verify(at)
        await at.press("f8")
        await at.sees("Bloquer le compte de Camille Martin ?")
        await at.press("tab", "enter")
        await at.sees("Rouvrir le compte")
        await at.press("f8")
        await at.sees("Signature d'un responsable")
        for typed in ("camille", "Mauvais mot 18", "123456"):
            await at.type(typed)
            await at.press("enter")
        await at.sees("ne vont pas ensemble")

        assert "Mauvais mot 18" not in at.text
        assert world.voter().frozen is not None


async def test_another_step_is_looked_at_and_left(world: World, duty: Duty) -> None:
    """The arrows show any step; the screen then says that the voter has not begun, and F7 goes back to the first."""
    async with terminal(world, duty) as at:
        await find(at)
        await at.press("f4")
        for size in (SMALL, LARGE, HUGE):
            await at.pilot.resize_terminal(*size)
            await at.sees(STEPS.identify.code)
            await at.press("down", "down")
            await at.sees("Pas encore commencé", "Faites relire l'adresse")
            await at.press("f7")
            await at.sees("Faites saisir l'adresse professionnelle")

            assert isinstance(at.app.screen, StepScreen)
            assert at.app.screen.chosen is None


async def test_a_person_is_followed_into_another_flow(world: World, duty: Duty) -> None:
    """The key that follows them says where they are, and goes there; the other flows can still be looked at."""
    async with terminal(world, duty) as at:
        await find(at)
        await at.press("f4")
        await at.sees(STEPS.identify.code)
        await at.press("f4")
        await at.sees(world.house.desk.guiding.flows[1].steps[0].code)
        world.link(CAMILLE)
        await at.sees(f"La personne en est à l'étape {STEPS.mail.code}.")
        await at.press("f7")
        await at.sees(f"▶ {STEPS.mail.code}", "Déjà suivie.")
        for flow in world.house.desk.guiding.flows[1:]:
            await at.press("f4")
            await at.sees(flow.steps[0].code)


async def test_a_trouble_is_opened_with_enter(world: World, duty: Duty) -> None:
    """Closed until it is met; then what to say."""
    trouble = STEPS.identify.copy.troubles[0]
    async with terminal(world, duty, size=LARGE) as at:
        await find(at)
        await at.press("f4")
        await at.sees(trouble.sign.msgid)
        assert trouble.agent.msgid not in at.words
        at.app.screen.query_one("CollapsibleTitle").focus()
        await at.press("enter")

        await at.sees(trouble.agent.msgid)


async def test_the_home_begins_a_call_with_enter_alone(world: World, duty: Duty) -> None:
    """The two ways to begin are under the cursor, one after the other."""
    async with terminal(world, duty) as at:
        await at.sees("Rien ne demande votre attention.")
        await at.press("enter")
        await at.sees("Chercher une personne")
        await at.press("escape", "tab", "enter")
        await at.sees("Quel code, ou quel message")


async def test_everything_is_done_by_mouse_too(world: World, duty: Duty) -> None:
    """From the home to the mail, with the caller's answers the only thing typed."""
    async with terminal(world, duty, size=LARGE) as at:
        await at.pilot.click("#deed-find ActButton")
        await at.sees("Chercher une personne")
        await at.type("martin")
        await at.sees("Camille Martin")
        await at.pilot.click("#list", offset=(2, 0))
        await at.sees("ouvre la fiche")
        await at.pilot.click("#deed-verify ActButton")
        await at.sees("La personne dit être")
        for name, typed in (
            ("birth_date-day", "31"),
            ("birth_date-month", "12"),
            ("birth_date-year", "1970"),
            ("numen", NUMEN),
        ):
            await at.pilot.click(f"#{name}")
            await at.type(typed)
        await at.pilot.click("CallerCheck ActButton")
        await at.sees("vérifié, jusqu'à")
        await at.pilot.click("#deed-mail ActButton")
        await at.sees("camille demande un message")
        await at.pilot.click("#deed-guide ActButton")
        await at.sees(f"▶ {STEPS.message_asked.code}")


async def test_a_screen_left_while_it_reads_draws_nothing(
    world: World, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its parts are gone when the answer comes."""
    waiting = 0

    async def after_some_turns(call: Callable[[], A]) -> A:
        for _ in range(waiting):
            await sleep(0)
        return call()

    async with terminal(world, duty) as at:
        await find(at)
        file = at.app.screen
        assert isinstance(file, VoterFileScreen)
        monkeypatch.setattr(tui.frame, "to_thread", after_some_turns)
        for waiting in range(INSTANTS):  # noqa: B007  # read by the answer above
            screen = StepScreen(file.sitting, file.call, STEPS.flow.slug)
            await at.app.push_screen(screen)
            look = create_task(screen.look())
            await at.app.pop_screen()
            await look
