"""Agents sign in, unlock the terminal and lose their session."""

from core.desk.authorisation import AgentSession
from core.forms.errors import AgentCodeMissing, AgentUnknown, NewPasswordWithoutDigit, TerminalUnlockRefused
from tests.support.desk import AGENT_PASSWORD, new_agent
from tests.support.terminal import terminal
from tests.support.worlds import World
from tui.field_widgets import FieldInput
from tui.form_dialogs import LockScreen
from tui.home_screen import HomeScreen
from tui.sign_in_screen import SignInScreen


async def test_the_first_time_one_chooses_a_password(world: World) -> None:
    """At the first sign-in, the agent must choose a password, and sees which rules it fulfils while typing."""
    camille = new_agent(world)
    async with terminal(world) as at:
        await at.sees("Ouvrir une session")
        await at.answer("camille", camille.credentials.first_password, camille.code)
        await at.sees("Choisissez votre mot de passe d'agent", "○ au moins un chiffre")
        await at.answer("Quatre sabots verts", "Quatre sabots verts")
        await at.sees("✓ au moins une majuscule", NewPasswordWithoutDigit.sentence.msgid)
        for name in ("new_password", "new_password_again"):
            at.app.screen.query_one(f"#{name}").focus()
            await at.pilot.pause()
            await at.type(" 17")
        await at.press("enter")
        await at.sees("Rien ne demande votre attention.")

        assert isinstance(at.app.screen, HomeScreen)
        assert AGENT_PASSWORD not in at.text


async def test_a_terminal_left_alone_locks_and_comes_back_as_it_was(world: World, session: AgentSession) -> None:
    """The terminal locks ten minutes after the last key, and the password restores it.

    It signs out if the account is removed.
    """
    async with terminal(world, session) as at:
        world.clock.move(minutes=9)
        await at.press("tab")
        world.clock.move(minutes=9)
        await at.pilot.pause(1.2)
        assert isinstance(at.app.screen, HomeScreen)
        await at.press("f2")
        await at.type("martin")
        await at.sees("Camille Martin")
        world.clock.move(minutes=9, seconds=59)
        await at.pilot.pause(1.2)
        assert not isinstance(at.app.screen, LockScreen)
        world.clock.move(seconds=2)
        await at.sees("Écran verrouillé")

        assert "Martin" not in at.text
        await at.press("escape", "f2")
        assert isinstance(at.app.screen, LockScreen)
        await at.answer("Pas le bon 17")
        await at.sees(TerminalUnlockRefused.title.msgid)
        await at.answer(AGENT_PASSWORD)
        await at.sees("Camille Martin", "martin")

        assert AGENT_PASSWORD not in at.text
        assert [act for act, _ in world.kept.lines()][-3:] == ["duty-locked", "duty-refused", "duty-unlocked"]
        world.services.desk.accounts.remove("camille")
        await at.sees("Ouvrir une session")
        assert isinstance(at.app.screen, SignInScreen)


async def test_keys_typed_in_one_burst_reach_their_fields(world: World) -> None:
    """A password manager can type name, password and code without a pause.

    A missing code is asked for at its own input.
    """
    camille = new_agent(world)
    camille.choose_password()
    async with terminal(world) as at:
        await at.sees("Ouvrir une session")
        assert "Chercher" not in at.text
        await at.press("f2", "f3", "f9")
        assert isinstance(at.app.screen, SignInScreen)
        await at.burst("camille\r\n", "Pas le bon 17\n", f"{camille.code}\n", "Qua")
        inputs = at.app.screen.query(FieldInput)
        await at.sees(AgentUnknown.title.msgid)
        await at.until(lambda: [each.value for each in inputs] == ["camille", "Qua", ""], "the next password")
        await at.burst(f"{AGENT_PASSWORD[3:]}\n", "\n")
        await at.sees(AgentCodeMissing.sentence.msgid)
        assert len(at.app.screen.query(".hint.-wrong")) == 1
        assert at.app.focused is at.app.screen.query_one("#code")
        await at.burst(f"{camille.code}\r", "martin")
        await at.until(lambda: isinstance(at.app.screen, HomeScreen) and at.app.screen.typed == "martin", "the search")
