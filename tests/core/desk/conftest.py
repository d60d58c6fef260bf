"""Fixtures for the helpdesk tests: an agent who is signed in, and a voter on the roll."""

import pytest

from core.desk.authorisation import AgentSession
from core.ports import Voter
from tests.support.desk import add_known, signed_in_agent
from tests.support.worlds import World


@pytest.fixture
def session(world: World) -> AgentSession:
    return signed_in_agent(world)


@pytest.fixture
def voter(world: World) -> Voter:
    """Add the voter whom the caller claims to be."""
    return add_known(world, academie="Lumière", phone_ending="78")
