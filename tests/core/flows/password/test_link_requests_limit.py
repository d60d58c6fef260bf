"""Tests of the limit of requests for a recovery mail, which is the same for every address."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from core.flows.password.definition import PasswordFlow
from core.flows.password.states import LinkRequestPending, LinkSent, NoLinkSent
from core.policy.policy import Policy
from core.text.text import TimeOfDay
from tests.support.election import CALENDAR, CAMILLE, NETWORK, NOON, STRANGER, entry, facts_of, visit
from tests.support.worlds import World

FEW = Policy(asks_per_address=2, asks_per_network=2)


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_beyond_the_limit_nothing_is_sent_and_the_page_says_why(email: str, world: World) -> None:
    """Above the limit, nothing is sent. The page says so until the next request is possible, for every address."""
    world.dependencies = replace(world.dependencies, policy=FEW)
    world.add()
    handles = [world.ask(spelt) for spelt in (email, email.upper(), f" {email.title()}\n")]

    shown = [world.waiting(handle) for handle in handles]

    assert world.waiting_parcels() == 2
    assert [each.step.code for each in shown] == ["MP-4"] * 3
    assert facts_of(shown[0]) == facts_of(shown[1])
    assert shown[2].facts["asked"] == PasswordFlow(FEW).too_many_requests.fill(shown[2].facts)
    assert shown[2].facts["again_from"] == TimeOfDay(CALENDAR.to_local(NOON + timedelta(hours=1)))
    assert isinstance(world.state(handles[2]), NoLinkSent)
    assert world.acts(world.number(handles[2])) == ["ask-dropped"]
    assert world.journal(world.number(handles[2]))[0].reason == "too-many-asks"
    world.clock.move(hours=1)
    world.ask_again(handles[2])
    assert world.waiting_parcels() == 3


def test_an_ask_beyond_the_limit_leaves_the_links_sent_before_in_force(world: World) -> None:
    """A request above the limit does not end links that were sent before."""
    world.dependencies = replace(world.dependencies, policy=replace(Policy(), asks_per_address=1))
    world.add()
    token = world.link()
    world.clock.move(minutes=3)
    (handle,) = [world.ask()]

    assert isinstance(world.state(handle), NoLinkSent)
    assert isinstance(world.links.find_working(token).case.state, LinkSent)


def test_asks_in_parallel_never_exceed_the_limit(any_world: World) -> None:
    """Of 32 parallel requests for one address from eight networks, ten are queued."""
    networks = [f"192.0.2.{number % 8}" for number in range(32)]
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.ask, [CAMILLE] * 32, networks))

    assert any_world.waiting_parcels() == 10
    assert any_world.kept.events() == 32


def test_asks_in_parallel_never_exceed_the_limit_of_their_network(any_world: World) -> None:
    """Of 32 parallel requests from one network, four are queued. Other networks can still request the rest."""
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.ask, [CAMILLE] * 32, [NETWORK] * 32))

    assert any_world.waiting_parcels() == 4
    assert any_world.kept.events() == 32
    handles = [any_world.ask(network=f"198.51.100.{number}") for number in range(7)]
    assert [type(any_world.state(handle)) for handle in handles] == [LinkRequestPending] * 6 + [NoLinkSent]


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_one_network_does_not_use_up_what_another_may_ask_for(email: str, world: World) -> None:
    """After four requests from a network, further ones are dropped. Other networks can still make requests."""
    world.add()
    handles = [world.ask(email) for _ in range(9)]
    own = world.ask(email, "2001:db8::/64")

    assert [type(world.state(handle)) for handle in handles] == [LinkRequestPending] * 4 + [NoLinkSent] * 5
    assert isinstance(world.state(own), LinkRequestPending)
    pages = [facts_of(world.waiting(handle)) for handle in (*handles, own)]
    assert [page == pages[0] for page in pages] == [True] * 4 + [False] * 5 + [True]
    assert all(page == pages[4] for page in pages[4:9])
    assert world.journal(world.number(handles[4]))[0].reason == "too-many-asks"
    world.clock.move(hours=1)
    assert isinstance(world.state(world.ask(email)), LinkRequestPending)


def test_the_limit_of_a_network_is_of_each_address(world: World) -> None:
    """Twenty voters in one network can each request a mail, because the network's limit is counted per address."""
    voters = world.add(*(entry(f"{number}@ac-lumiere.example") for number in range(20)))

    for voter in voters:
        world.ask(voter.email)

    assert world.waiting_parcels() == 20


def test_a_double_click_in_the_same_instant_asks_once(any_world: World) -> None:
    """Thirty-two parallel copies of one request store one case, and are counted once."""
    any_world.dependencies = replace(any_world.dependencies, policy=FEW)
    pending = any_world.requests.unseal_request(any_world.confirming())
    assert pending is not None

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.requests.request_link_mail, [pending] * 32, [visit()] * 32))

    assert any_world.waiting_parcels() == 1
    assert any_world.kept.events() == 1
    any_world.ask()
    assert any_world.waiting_parcels() == 2
