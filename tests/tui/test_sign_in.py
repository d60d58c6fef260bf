"""Signing in, the lock, and what ends a session."""

from core.errors import AgentCodeMissing, AgentUnknown, NewPasswordWithoutDigit
from core.ports import Voter
from core.service.desk.proofs import Duty
from tests.support.desk import OWN, on_duty, sitting
from tests.support.terminal import Terminal, terminal
from tests.support.worlds import World
from tui.home import HomeScreen
from tui.lock import Lock
from tui.sign_in import SignIn


async def answer(at: Terminal, *typed: str) -> None:
    """One input after the other."""
    for each in typed:
        await at.type(each)
        await at.press("enter")


async def test_the_first_time_one_chooses_a_password(world: World) -> None:
    """Its rules tick while one types; a rule that is broken is told; then one is at home."""
    camille = sitting(world)
    async with terminal(world) as at:
        await at.sees("Ouvrir une session")
        await answer(at, "camille", camille.given.first_password, camille.code)
        await at.sees("Choisissez votre mot de passe d'agent", "○ au moins un chiffre")
        await answer(at, "Quatre sabots verts", "Quatre sabots verts")
        await at.sees("✓ au moins une majuscule", NewPasswordWithoutDigit.sentence.msgid)
        for name in ("new_password", "new_password_again"):
            at.app.screen.query_one(f"#{name}").focus()
            await at.pilot.pause()
            await at.type(" 17")
        await at.press("enter")
        await at.sees("Rien ne demande votre attention.")

        assert isinstance(at.app.screen, HomeScreen)
        assert OWN not in at.text


async def test_a_wrong_password_is_told_in_place_and_forgotten(world: World) -> None:
    """The name stays; the secret and the code are typed anew."""
    camille = sitting(world)
    camille.arrive()
    async with terminal(world) as at:
        await at.sees("Ouvrir une session")
        await answer(at, "camille", "Pas le bon 17", camille.code)
        await at.sees(AgentUnknown.title.msgid)

        screen = at.app.screen
        assert isinstance(screen, SignIn)
        assert [typed.value for typed in screen.query("Typed").results()] == ["camille", "", ""]  # type: ignore[attr-defined]  # a Typed
        assert screen.query_one("#password").has_focus


async def test_what_is_missing_is_told_at_its_field(world: World) -> None:
    """Nothing was asked: no try is counted."""
    async with terminal(world) as at:
        await at.sees("Ouvrir une session")
        await answer(at, "camille", "Un mot 17")
        await at.press("enter")
        await at.sees(AgentCodeMissing.sentence.msgid)


async def test_before_signing_in_there_is_nobody_to_find(world: World) -> None:
    """The foot line does not offer it, and the keys do nothing."""
    async with terminal(world) as at:
        await at.sees("Ouvrir une session")
        assert "Chercher" not in at.text
        await at.press("f2", "f3", "f9")

        assert isinstance(at.app.screen, SignIn)


async def test_a_terminal_left_alone_locks_and_comes_back_as_it_was(world: World, duty: Duty) -> None:
    """After ten minutes nothing of the call can be read; with the password it is all there, the dialog too."""
    async with terminal(world, duty) as at:
        await at.press("f2")
        await at.type("martin")
        await at.sees("Camille Martin")
        world.clock.move(minutes=9, seconds=59)
        await at.pilot.pause(1.2)
        assert not isinstance(at.app.screen, Lock)
        world.clock.move(seconds=2)
        await at.sees("Écran verrouillé")

        assert "Martin" not in at.text
        await at.press("escape", "f2")
        assert isinstance(at.app.screen, Lock)
        await answer(at, "Pas le bon 17")
        await at.sees(AgentUnknown.title.msgid)
        await answer(at, OWN)
        await at.sees("Camille Martin", "martin")

        assert OWN not in at.text
        assert [act for act, _ in world.kept.lines()][-3:] == ["duty-locked", "duty-refused", "duty-unlocked"]


async def test_a_key_keeps_the_terminal_open(world: World, duty: Duty) -> None:
    """Ten minutes count from the last one."""
    async with terminal(world, duty) as at:
        world.clock.move(minutes=9)
        await at.press("tab")
        world.clock.move(minutes=9)
        await at.pilot.pause(1.2)

        assert isinstance(at.app.screen, HomeScreen)


async def test_an_agent_who_was_removed_is_at_the_sign_in(world: World, duty: Duty, camille: Voter) -> None:
    """Whatever was open."""
    del camille
    async with terminal(world, duty) as at:
        await at.press("f2")
        await at.sees("Chercher une personne")
        world.house.desk.roster.remove("camille")
        await at.sees("Ouvrir une session")

        assert isinstance(at.app.screen, SignIn)


async def test_quitting_ends_the_session(world: World) -> None:
    """And the journal has it."""
    duty = on_duty(world)
    async with terminal(world, duty) as at:
        await at.press("ctrl+q")
        await at.until(lambda: not at.app.is_running, "the end")

    assert world.kept.lines()[-1][0] == "duty-ended"
