"""The throw-away flow of one file gets its screen too: nothing in the terminal knows of it."""

from dataclasses import replace

from core.service.desk.proofs import Duty
from tests.e2e.test_throwaway_flow import THROWAWAY, Kitchen
from tests.support.terminal import LARGE, terminal
from tests.support.worlds import World


async def test_each_step_is_looked_up_by_its_code(world: World, duty: Duty) -> None:
    """Its words in both voices, its fields, its buttons and its trouble."""
    kitchen = Kitchen(world.tools)
    house = replace(world.house, more_lines=lambda _tools: (kitchen,))
    async with terminal(house, duty, size=(120, 60)) as at:
        for step in THROWAWAY.steps:
            fields = [each.label.msgid for act in step.acts for each in act.fields]
            buttons = [act.label.msgid for act in step.acts]
            await at.type(step.code.lower())

            await at.sees(step.copy.title.msgid, step.copy.troubles[0].sign.msgid, *fields, *buttons)
            await at.press("escape")


async def test_it_is_guided(world: World, duty: Duty) -> None:
    """Beside our own flows, with its ticks."""
    kitchen = Kitchen(world.tools)
    house = replace(world.house, more_lines=lambda _tools: (kitchen,))
    async with terminal(house, duty, size=LARGE) as at:
        await at.press("f2")
        await at.sees("Chercher une personne")
        await at.type("martin")
        await at.sees("Camille Martin")
        await at.press("enter")
        await at.until(lambda: at.app.screen.query("Happened"), "the file")
        await at.press("f4")
        for _ in house.desk.guiding.flows[1:]:
            await at.until(lambda: at.app.screen.query("VoterPage"), "the guide")
            await at.press("f4")
        await at.sees(THROWAWAY.title.msgid, *(step.code for step in THROWAWAY.steps))
