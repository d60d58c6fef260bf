"""The terminal works as a client of the helpdesk's daemon."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from core.ports import EventType, Voter
from core.remote_desk.calls import CallHandler
from tests.support.desk import AGENT_PASSWORD, new_agent
from tests.support.desk_daemon import remote_access, running_daemon
from tests.support.terminal import LARGE, terminal
from tests.support.worlds import World
from tui.sign_in_screen import SignInScreen


async def test_a_call_through_the_daemon_and_its_loss(
    world: World, camille: Voter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call works through the daemon.

    A lost answer is reported as unknown, and a newer daemon asks to reopen the terminal.
    """
    agent = new_agent(world)
    agent.choose_password()
    answer, daemons = CallHandler.answer, ExitStack()

    def answer_or_die(answering: CallHandler, request: bytes, account: int) -> bytes:
        answered = answer(answering, request, account)
        return b"" if b"AccountFreezing.freeze" in request else answered

    remote = daemons.enter_context(remote_access(world.services, tmp_path))
    async with terminal(remote, size=LARGE) as at:
        await at.sees("Ouvrir une session")
        await at.answer("camille", AGENT_PASSWORD, agent.code)
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f6")
        await at.sees("camille demande un message")
        world.courier().run_once()
        await at.sees("Le message est parti.")

        monkeypatch.setattr(CallHandler, "answer", answer_or_die)
        await at.press("f8")
        await at.sees("Bloquer")
        await at.press("tab", "enter")
        await at.sees("Nul ne sait encore si")
        daemons.close()
        await at.sees("Le service de l'assistance ne répond pas")
        with running_daemon(world.services, tmp_path):
            await at.sees("Nul ne sait encore si", "Ouvrir une session")
            assert isinstance(at.app.screen, SignInScreen)
            world.clock.move(minutes=1)
            await at.answer("camille", AGENT_PASSWORD, agent.code)
            await at.sees("Chercher une personne")
        await at.sees("Le service de l'assistance ne répond pas")
        monkeypatch.setattr("tests.support.desk_daemon.VERSION", "1.2.4")
        with running_daemon(world.services, tmp_path):
            await at.sees("n'est pas de la même version", "Fermez le terminal, puis rouvrez-le.")
            await at.until(lambda: "ne répond pas" not in at.text, "the end of the loss")
    assert [event.act for event in world.voter_events(camille)].count(EventType.FROZEN) == 1
