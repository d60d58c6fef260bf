"""An ask that the database has forgotten is made anew when the browser that asked returns to MP-4."""

from datetime import timedelta

import pytest

from core.flows.flow_handler import Visit
from core.flows.password.definition import PasswordFlow
from core.flows.password.plugin import PasswordFlowPlugin
from tests.support.election import CAMILLE, NOON, STRANGER, visit
from tests.support.worlds import World, says_it_goes_on


@pytest.fixture
def world(world: World) -> World:
    """A world with one voter."""
    world.add()
    return world


@pytest.fixture
def steps(world: World) -> PasswordFlow:
    """The steps of the flow."""
    return world.services.flows[PasswordFlowPlugin].steps


def asked(world: World, steps: PasswordFlow, email: str = CAMILLE) -> Visit:
    """Return what a browser holds at MP-4."""
    return world.at(steps.confirm, "send", visit(pending=world.confirming(email))).visit


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_lost_ask_keeps_its_number_and_its_hours(world: World, steps: PasswordFlow, email: str) -> None:
    """One ask waits for the courier, however often the browser looks, for known and unknown addresses."""
    with world.kept.forgetting():
        held = asked(world, steps, email)
        before = world.services.dispatcher.show(steps.message_asked, held)
    world.clock.at = NOON + timedelta(minutes=1)

    shown = [world.services.dispatcher.show(steps.message_asked, held) for _ in range(2)]

    assert [(each.case, each.facts) for each in shown] == [(before.case, before.facts)] * 2
    assert all(map(says_it_goes_on, shown))
    assert world.waiting_parcels() == 1
    assert [(event.act, event.reason) for event in world.journal(str(before.case))] == [("asked", "restored")]


def test_lost_ask_again_is_made_anew(world: World, steps: PasswordFlow) -> None:
    """A case whose last ask is missing gets that ask again."""
    held = asked(world, steps)
    world.clock.at = NOON + timedelta(minutes=5)
    with world.kept.forgetting():
        held = world.at(steps.message_asked, "again", held).visit
        before = world.services.dispatcher.show(steps.message_asked, held)

    shown = [world.services.dispatcher.show(steps.message_asked, held) for _ in range(2)]

    assert [(each.case, each.facts) for each in shown] == [(before.case, before.facts)] * 2
    assert world.waiting_parcels() == 2


def test_ask_that_is_over_forged_or_of_another_case_is_not_made_anew(world: World, steps: PasswordFlow) -> None:
    """The visitor begins at the first page then, as without a case."""
    with world.kept.forgetting():
        held, other = asked(world, steps), asked(world, steps, STRANGER)
    shows = world.services.dispatcher.show
    for wrong in (held.with_(asked=None), held.with_(asked="forged"), held.with_(asked=other.asked)):
        assert shows(steps.message_asked, wrong).step is steps.identify
    world.clock.at = NOON + timedelta(hours=4)

    assert shows(steps.message_asked, held).step is steps.identify
    assert world.waiting_parcels() == 0
