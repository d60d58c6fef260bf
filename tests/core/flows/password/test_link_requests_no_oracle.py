"""Tests that a request for a recovery mail does not reveal whether the address is on the roll."""

import pytest

from tests.support.election import CAMILLE, NOON, STRANGER, entry, facts_of
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, Fickle, Post
from tests.support.stores import statements, until_exit, writing
from tests.support.worlds import World
from tests.support.worlds import world as world_over


def test_the_same_statements_are_sent_for_an_unknown_address(world: World) -> None:
    """Known and unknown addresses cause the same database statements. No voter is read and no password is hashed."""
    world.add()
    sent = {}
    for email in (CAMILLE, STRANGER):
        with statements(world.kept.engine) as seen:
            handle = world.ask(email)
            world.waiting(handle)
            world.ask_again(handle)
        sent[email] = seen

    assert sent[CAMILLE] == sent[STRANGER]
    assert not [statement for statement in sent[CAMILLE] if "voters" in statement]
    assert (world.hasher.hashed, world.hasher.verified) == (0, 0)


@pytest.mark.parametrize("says", [ACCEPTS, REFUSES, POSTPONES, UNREACHABLE], ids=["up", "refuses", "later", "down"])
def test_the_same_page_is_shown_whatever_became_of_the_ask(world: World, says: object) -> None:
    """A known, a frozen and an unknown address see the same page, before and after the courier has run."""
    (_, frozen) = world.add(entry(), entry("frozen@ac-lumiere.example"))
    writing(world.store).voters.freeze(frozen.id, epoch=0, at=NOON)
    world.post.says = says  # type: ignore[assignment]  # one of a carrier's answers
    handles = [world.ask(email) for email in (CAMILLE, frozen.email, STRANGER)]

    for _ in range(3):
        shown = [world.waiting(handle) for handle in handles]
        assert {each.step.code for each in shown} == {"MP-4"}
        assert facts_of(shown[0]) == facts_of(shown[1]) == facts_of(shown[2])
        world.courier().run_once()
        world.clock.move(minutes=3)


def test_asking_again_while_the_courier_is_late_shows_the_same_page(world: World) -> None:
    """After repeated requests, known and unknown addresses see the same page."""
    world.add()
    handles = [world.ask(email) for email in (CAMILLE, STRANGER)]
    world.courier().run_once()

    for _ in range(2):
        world.clock.move(minutes=3)
        for handle in handles:
            world.ask_again(handle)

    known, unknown = map(world.waiting, handles)
    assert facts_of(known) == facts_of(unknown)


@pytest.mark.parametrize("relay", [Post, Fickle], ids=["down", "takes nothing"])
def test_a_relay_in_trouble_delays_known_and_unknown_alike(relay: type[Post]) -> None:
    """While the mail relay fails, known and unknown addresses see the same delay."""
    shown = []
    for email in (CAMILLE, STRANGER):
        election = world_over(until_exit())
        election.add()
        courier = election.courier(relay(UNREACHABLE))
        handle = election.ask(email)
        for _ in range(20):
            courier.run_once()
            election.clock.move(minutes=1)
        shown.append(election.waiting(handle).facts["queue_delay"])

    assert shown[0] == shown[1]


def test_a_voter_whose_ask_was_cancelled_can_ask_again(world: World) -> None:
    """A voter can request a mail again if the courier was stopped for longer than a link is valid."""
    world.add()
    handle = world.ask()
    world.clock.move(hours=5)
    world.courier().run_once()

    world.ask_again(handle)
    world.courier().run_once()

    assert world.post.links(CAMILLE)
