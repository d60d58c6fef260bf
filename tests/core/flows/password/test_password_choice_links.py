"""Tests of when a recovery link works, and of the refusals when it does not."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from core.forms import errors
from core.forms.errors import Refusal
from core.ports import EventType
from core.text.text import Moment
from tests.support.election import CALENDAR, CAMILLE, GOOD, NOON, entry
from tests.support.stores import reading
from tests.support.worlds import World

OTHER_PASSWORD = "Girafe tambour 31"
INSTANT = timedelta(microseconds=1)
HOURS = timedelta(hours=4)


def refused(act: Callable[[], object]) -> type[Refusal]:
    """Return the class of the refusal that the function raises."""
    with pytest.raises(Refusal) as caught:
        act()
    return type(caught.value)


def opens_nothing(world: World, token: str) -> set[type[Refusal]]:
    """Try to open and to use a link. Return the classes of the refusals, and check that the password is unchanged."""
    before = world.voter().password

    said = {
        refused(lambda: world.links.record_first_opening(token)),
        refused(lambda: world.links.find_working(token)),
        refused(lambda: world.links.choose_password(token, OTHER_PASSWORD)),
    }

    assert world.voter().password == before
    return said


# ── Valid links ─────────────────────────────────────────────────────────────────────────────────────────


def test_openings_are_noted_once_and_move_nothing(world: World) -> None:
    """Opening a link twenty times writes one event, and the link still works."""
    world.add()
    token = world.link()
    case = world.links.find_working(token).case

    for _ in range(20):
        world.links.record_first_opening(token)

    assert world.acts(case.number).count("link-opened") == 1
    assert world.links.find_working(token).case == case
    world.links.choose_password(token, GOOD)
    assert world.voter().password_set == NOON


def test_case_13_a_link_works_until_just_before_its_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link works until the last moment before its expiry. Then the refusal says when it expired."""
    world.add()
    world.ask()
    world.clock.move(hours=1)
    world.courier().run_once()
    (token,) = world.post.links(CAMILLE)

    world.clock.at = NOON + HOURS - INSTANT
    world.links.record_first_opening(token)
    world.clock.at = NOON + HOURS

    for _ in range(20):
        with pytest.raises(errors.LinkExpired) as expired:
            world.links.record_first_opening(token)
    assert world.kept.lines()[-2:] == [(EventType.LINK_OPENED, None), (EventType.DEAD_LINK_OPENED, "link-expired")]
    world.clock.move(minutes=10)
    assert opens_nothing(world, token) == {errors.LinkExpired}
    assert world.acts(world.links.find_link(token).case.number).count(EventType.DEAD_LINK_OPENED) == 2
    case = world.links.find_link(token).case.number
    assert expired.value.facts == {"case": case, "expired_at": Moment(CALENDAR.to_local(NOON + HOURS))}
    assert opens_nothing(world, token) == {errors.LinkExpired}
    instants = iter([NOON, NOON + HOURS - INSTANT] + [NOON + HOURS] * 9)
    with monkeypatch.context() as patched:  # the clock goes on while the password is saved
        patched.setattr(world.clock, "now", lambda: next(instants))
        assert refused(lambda: world.links.choose_password(token, GOOD)) is errors.LinkExpired
    world.clock.at = NOON + HOURS - INSTANT
    world.links.choose_password(token, GOOD)
    assert world.hasher.verify(world.voter().password, GOOD)


# ── Invalid links ───────────────────────────────────────────────────────────────────────────────────────


def test_a_second_use_is_told_as_such(world: World) -> None:
    """A used link is refused as used, and the attempt does not affect newer links."""
    world.add()
    handle = world.ask()
    world.courier().run_once()
    (used,) = world.post.links(CAMILLE)
    world.links.choose_password(used, GOOD)

    assert opens_nothing(world, used) == {errors.LinkUsed}
    with pytest.raises(errors.LinkUsed) as told:
        world.links.find_working(used)
    assert told.value.facts["chosen_at"] == Moment(CALENDAR.to_local(NOON))
    assert world.links.find_link(used).record.used == NOON
    fresh = world.link()
    assert opens_nothing(world, used) == {errors.LinkUsed}
    world.links.choose_password(fresh, OTHER_PASSWORD)
    assert world.hasher.verify(world.voter().password, OTHER_PASSWORD)
    world.clock.move(minutes=world.dependencies.policy.resend_after_minutes)
    world.ask_again(handle)
    assert opens_nothing(world, used) == {errors.LinkUsed}


def test_an_ask_still_waiting_when_a_password_is_chosen_sends_nothing(world: World) -> None:
    """A waiting request is dropped if a password was chosen with an earlier link."""
    world.add()
    handle = world.ask()
    world.courier().run_once()
    world.clock.move(minutes=world.dependencies.policy.resend_after_minutes)
    world.ask_again(handle)

    world.links.choose_password(world.post.links(CAMILLE)[0], GOOD)
    world.courier().run_once()

    assert len(world.post.links(CAMILLE)) == 1
    dropped = world.journal(world.number(handle))[-2]
    assert (dropped.act, dropped.reason) == ("ask-dropped", "no-longer-wanted")


def test_a_link_dies_with_what_it_was_sent_to(world: World) -> None:
    """A link ends if the voter is frozen, gets another address or leaves the roll, but not if the name is corrected."""
    voters = world.add(*(entry(f"{name}@ac-lumiere.example") for name in ("frozen", "moved", "removed", "renamed")))
    tokens = [world.link(voter.email) for voter in voters]
    frozen, moved, removed, renamed = voters

    with world.store.write() as transaction:
        transaction.voters.freeze(frozen.id, epoch=0, at=NOON)
        transaction.roll.correct([(moved.id, entry("elsewhere@ac-lumiere.example"))])
        transaction.roll.remove([removed.id], NOON)
        transaction.roll.correct([(renamed.id, entry(renamed.email, last_name="Durand"))])

    dead = (errors.AccountFrozen, errors.LinkReplaced, errors.LinkReplaced)
    for voter, token, expected in zip(voters[:3], tokens[:3], dead, strict=True):
        assert refused(partial(world.links.record_first_opening, token)) is expected
        assert refused(partial(world.links.choose_password, token, GOOD)) is expected
        found = reading(world.store).voters.by_id(voter.id)
        assert found is not None
        assert found.password is None
    assert world.links.choose_password(tokens[3], GOOD).last_name == "Durand"
