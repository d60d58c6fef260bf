"""The terminal can guide through a new flow (`tests/support/recipe`) without changes to the terminal's code."""

from dataclasses import replace

import pytest

from core.adapters.sql.store import SqlStore
from core.app.services import Services
from core.desk.authorisation import AgentSession
from core.flows.registry import FLOWS, states_by_flow
from tests.support.election import CAMILLE, visit
from tests.support.recipe.definition import ORDER, RECIPE
from tests.support.recipe.plugin import RecipeFlowPlugin
from tests.support.stores import ROWS
from tests.support.terminal import LARGE, terminal
from tests.support.worlds import World


@pytest.fixture
def services(world: World) -> Services:
    """Services of an election that has the new flow in addition to its own flows."""
    registered = (*FLOWS, RecipeFlowPlugin)
    store = SqlStore(world.kept.engine, states_by_flow(registered), ROWS)
    dependencies = replace(world.dependencies, store=store)
    return replace(world.services, dependencies=dependencies, registered=registered)


async def test_each_step_is_looked_up_by_its_code(services: Services, session: AgentSession) -> None:
    """The search for its code shows the title, fields, buttons and common problems of each step of the new flow."""
    async with terminal(services.desk, session, size=(120, 60)) as at:
        for step in RECIPE.steps:
            fields = [each.label.msgid for action in step.actions for each in action.fields]
            buttons = [action.label.msgid for action in step.actions]
            await at.press("slash")
            await at.type(step.code.lower())
            await at.press("enter")
            await at.sees(step.copy.title.msgid, step.copy.common_problems[0].symptom.msgid, *fields, *buttons)
            await at.press("escape")


async def test_a_case_of_it_is_guided_and_told(services: Services, session: AgentSession) -> None:
    """The guide shows the steps of the new flow, and the voter's file shows its events."""
    typed = {name: text for each in ORDER.actions[0].fields for name, text in each.example.items()} | {"email": CAMILLE}
    services.dispatcher.answer(ORDER, "order", typed, visit())
    async with terminal(services.desk, session, size=LARGE) as at:
        await at.press("f2")
        await at.sees("Chercher une personne")
        await at.type("martin")
        await at.sees("Camille Martin")
        await at.press("enter")
        await at.until(lambda: at.app.screen.query("TimelineEntry"), "the file")
        await at.sees("Une recette est commandée.")
        await at.press("f4")
        await at.sees(RECIPE.title.msgid, *(step.code for step in RECIPE.steps))
