"""The desk as a whole at the terminal: plots with numbers, who is on duty, failures; for supervisors and the auditor."""

import pytest

from core.desk.desk_overview import OverviewWindow
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import Actor, AgentRole, Event, EventType, Voter
from tests.support.desk import BIRTH_DATE, NUMEN, outcome, signed_in_agent
from tests.support.terminal import LARGE, SMALL, terminal
from tests.support.worlds import World
from tui.home_screen import HomeScreen
from tui.supervisor_overview_screen import SupervisorOverviewScreen


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_supervisor_reads_the_desk_as_a_whole_in_three_windows(
    world: World, camille: Voter, size: tuple[int, int]
) -> None:
    """Figures are the desk's; an agent's line says what they do and where their voter is."""
    agent, auditor = signed_in_agent(world, "lou"), signed_in_agent(world, "claude", AgentRole.AUDITOR)
    world.ask()
    world.clock.move(minutes=200)
    desk = world.services.desk
    desk.files.open(agent, camille.id)
    desk.verification.verify(agent, camille.id, BIRTH_DATE, NUMEN)
    with world.store.write() as transaction:
        now, act = world.clock.now(), EventType.MAIL_BOUNCED
        transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, voter=camille.id, reason="mailbox-full"))
    world.clock.move(minutes=1)
    async with terminal(world, auditor, size=size) as at:
        await at.press("f8")
        await at.sees("Vue d'ensemble · dernière heure", "0 par minute · 0 en tout", "1 par heure · 1 en tout")
        await at.sees("201 min · 1 message attend", "lou : agit pour un appelant vérifié")
        await at.press("f5")
        await at.sees("dernier jour", "< 0,1 par minute · 1 en tout")
        await at.press("f5")
        await at.sees("toute l'élection")
        await at.press("end")
        await at.sees("1 · Lumière", "La boîte aux lettres est pleine")
        await at.press("f5")
        await at.sees("dernière heure")

        assert isinstance(at.app.screen, SupervisorOverviewScreen)
    async with terminal(world, agent, size=size) as at:
        await at.press("f8", "f6")
        await at.pilot.pause()

        assert isinstance(at.app.screen, HomeScreen), "neither they nor the journal are an agent's"
    assert outcome(lambda: desk.overviews.view(agent, OverviewWindow.HOUR)) is SupervisorNeeded
