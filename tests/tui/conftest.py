"""A terminal over an election in memory, with one voter on the roll and one agent on duty."""

from collections.abc import Iterator

import pytest

from core.ports import Voter
from core.service.desk.proofs import Duty
from tests.support.desk import add_known, on_duty
from tests.support.worlds import World
from tui.home import HomeScreen
from tui.on_duty import Following


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that a test waits less than a reader would."""
    for screen in (Following, HomeScreen):
        monkeypatch.setattr(screen, "look_seconds", 0.05)
    yield


@pytest.fixture
def camille(world: World) -> Voter:
    """The voter."""
    return add_known(world, academie="Lumière", phone_ending="42")


@pytest.fixture
def duty(world: World, camille: Voter) -> Duty:  # noqa: ARG001  # on the roll before anybody calls
    """An agent on duty."""
    return on_duty(world)
