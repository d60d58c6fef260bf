"""Fixtures for the tests of the terminal: a voter on the roll and an agent who is signed in."""

import pytest

import tui.base_screen
from core.desk.authorisation import AgentSession
from core.ports import Voter
from tests.support.desk import add_known, signed_in_agent
from tests.support.worlds import World


@pytest.fixture
def camille(world: World) -> Voter:
    return add_known(world, academie="Lumière", phone_ending="42")


@pytest.fixture
def session(world: World, camille: Voter) -> AgentSession:  # noqa: ARG001  # on the roll before anybody calls
    return signed_in_agent(world)


@pytest.fixture(autouse=True)
def _notices_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep notices in view. On a busy machine, a test may look only after 20 seconds."""
    monkeypatch.setattr(tui.base_screen, "NOTICE_SECONDS", 600.0)


@pytest.fixture
def redraw(request: pytest.FixtureRequest) -> bool:
    """Return whether the tests store new snapshots instead of comparing them."""
    return bool(request.config.getoption("redraw"))
