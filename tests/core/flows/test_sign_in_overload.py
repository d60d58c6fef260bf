"""Tests of sign-ins and new passwords that are refused because too many passwords are being checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from core.flows.flow_handler import Visit
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.ports import Actor, Event, EventType, PasswordQueueFull
from tests.support.election import CAMILLE, GOOD, STRANGER, CountingHasher, entry, visit
from tests.support.stores import statements
from tests.support.worlds import World


def busy(world: World, *, free: int = 0, **changes: object) -> World:
    """Return a world that hashes `free` passwords and then has no turn left."""
    turns = iter(range(free))

    @contextmanager
    def turn() -> Iterator[None]:
        if next(turns, None) is None:
            raise PasswordQueueFull
        yield

    return World(world.kept, replace(world.dependencies, password_turn=turn, **changes), world.post, world.air)


def refused_for_overload(world: World, email: str, held: Visit | None = None) -> None:
    """Try to sign in with the right password while too many others wait."""
    with pytest.raises(errors.PasswordsTooBusy):
        busy(world).sessions.sign_in(email, GOOD, held or visit())


def test_a_new_password_that_finds_too_many_before_it_changes_nothing(world: World) -> None:
    """A new password that is refused under load writes one event, and the link stays valid."""
    world.add()
    token = world.link()
    crowded = busy(world)
    step, held = crowded.services.flows[PasswordFlowPlugin].steps.choose_password, visit(link=token)
    case = world.links.find_link(token).case
    before = world.kept.events()

    with pytest.raises(errors.PasswordsTooBusy):
        crowded.at(step, "save", held, new_password=GOOD, new_password_again=GOOD)

    assert world.kept.events() == before + 1
    expected = Event(
        at=world.clock.at,
        actor=Actor.VOTER,
        act=EventType.PASSWORD_REFUSED,
        case=case.number,
        voter=world.voter().id,
        reason="too-busy",
    )
    assert world.journal(case.number)[-1] == expected
    world.links.choose_password(token, GOOD)


@pytest.mark.parametrize("recognised", [False, True])
def test_a_sign_in_that_finds_too_many_before_it_is_not_counted(world: World, *, recognised: bool) -> None:
    """A sign-in that is refused under load does not count as an attempt."""
    world.add()
    camille = world.with_password()
    device = world.sessions.sign_in(CAMILLE, GOOD, visit()).device if recognised else None
    held = visit(device=device)
    before = world.kept.events()

    for _ in range(60):
        refused_for_overload(world, CAMILLE, held)

    assert world.kept.events() == before + 60
    assert world.voter_events(camille)[-1].reason == "too-busy"
    with pytest.raises(FormErrors) as wrong:
        world.sessions.sign_in(CAMILLE, "Wrong guess 1", held)
    assert wrong.value.tries == errors.tries_left_sentence(4, pause_minutes=15)


def test_a_known_and_an_unknown_address_are_turned_away_alike(world: World) -> None:
    """Under load, known and unknown addresses cause the same database statements."""
    world.add(entry())
    world.with_password()
    seen = []

    for email in (CAMILLE, STRANGER):
        with statements(world.kept.engine) as sent:
            refused_for_overload(world, email)
        seen.append(sent)

    assert seen[0] == seen[1]


def test_a_refused_sign_in_leaves_one_event_through_the_page_too(world: World) -> None:
    """A sign-in that is refused under load writes only one event, also through the dispatcher."""
    world.add()
    crowded = busy(world)
    held = visit(pending=world.confirming())
    before = world.kept.events()

    with pytest.raises(errors.PasswordsTooBusy):
        crowded.at(crowded.services.flows[PasswordFlowPlugin].steps.choose_way, "sign-in", held, password=GOOD)

    assert world.kept.events() == before + 1


def test_a_sign_in_succeeds_when_only_its_rehash_finds_no_place(world: World) -> None:
    """A sign-in succeeds even if there is no capacity to renew the hash."""
    world.add()
    camille = world.with_password()
    grown = busy(world, free=1, hasher=CountingHasher(memory_kib=16))

    assert grown.sessions.sign_in(CAMILLE, GOOD, visit()).session
    assert world.voter().password == camille.password
