"""A terminal over an election in memory, with one voter on the roll and one agent on duty."""

import pytest

from core.ports import Voter
from core.service.desk.proofs import Duty
from tests.support.desk import add_known, on_duty
from tests.support.worlds import World


@pytest.fixture
def camille(world: World) -> Voter:
    """The voter."""
    return add_known(world, academie="Lumière", phone_ending="42")


@pytest.fixture
def duty(world: World, camille: Voter) -> Duty:  # noqa: ARG001  # on the roll before anybody calls
    """An agent on duty."""
    return on_duty(world)
