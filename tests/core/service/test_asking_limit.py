"""How often one may ask, counted alike for every address."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.policy import Policy
from core.recovery import LinkSent, Unanswered
from tests.support.election import CAMILLE, STRANGER, facts_of
from tests.support.worlds import World

FEW = Policy(asks_per_address=2)


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_case_3_beyond_the_limit_the_page_is_the_same_and_nothing_is_sent(email: str, world: World) -> None:
    """Known or not; the journal says why, and the limit ends with its hour."""
    world.tools = replace(world.tools, policy=FEW)
    world.add()
    handles = [world.ask(spelt) for spelt in (email, email.upper(), f" {email.title()}\n")]

    shown = [world.waiting(handle) for handle in handles]

    assert world.waiting_parcels() == 2
    assert [each.step.code for each in shown] == ["MP-4"] * 3
    assert facts_of(shown[0]) == facts_of(shown[2])
    assert isinstance(world.state(handles[2]), Unanswered)
    assert world.acts(world.number(handles[2])) == ["ask-dropped"]
    assert world.journal(world.number(handles[2]))[0].reason == "too-many-asks"
    world.clock.move(hours=1)
    world.askings.ask_again(handles[2])
    assert world.waiting_parcels() == 3


def test_an_ask_beyond_the_limit_leaves_the_links_sent_before_in_force(world: World) -> None:
    """So that nobody kills a voter's link by asking again."""
    world.tools = replace(world.tools, policy=replace(Policy(), asks_per_address=1))
    world.add()
    token = world.link()
    world.clock.move(minutes=3)
    (handle,) = [world.ask()]

    assert isinstance(world.state(handle), Unanswered)
    assert isinstance(world.links.working(token).case.state, LinkSent)


def test_case_3_asks_in_parallel_never_exceed_the_limit(any_world: World) -> None:
    """Thirty-two browsers with one address: ten parcels wait."""
    handles = [any_world.confirming() for _ in range(32)]

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.askings.ask, handles))

    assert any_world.waiting_parcels() == 10
    assert any_world.kept.events() == 32


def test_a_double_click_in_the_same_instant_asks_once(any_world: World) -> None:
    """Thirty-two times on one case: one moves it, the others find it moved."""
    handle = any_world.confirming()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.askings.ask, [handle] * 32))

    assert any_world.waiting_parcels() == 1
    assert any_world.kept.events() == 1
