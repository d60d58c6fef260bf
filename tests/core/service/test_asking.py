"""From the address to the asked message: what is stored, and what nobody can learn from it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core import errors
from core.recovery import Confirming, Identified, Requested
from core.text import TimeOfDay
from tests.support.election import CALENDAR, CAMILLE, CLOSES, NOON, OPENS, STRANGER, SeededEntropy, visit
from tests.support.worlds import World

INSTANT = timedelta(microseconds=1)
PAUSE = timedelta(minutes=3)


# ── The way ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_becomes_a_case_and_then_an_ask(any_world: World) -> None:
    """Typed and compared address are kept; one parcel waits, and one event is written."""
    handle = any_world.confirming()
    assert any_world.state(handle) == Confirming(typed=CAMILLE, address=CAMILLE)

    any_world.askings.ask(handle)

    state = any_world.state(handle)
    assert isinstance(state, Requested)
    assert (state.asking.at, state.asking.until) == (NOON, NOON + timedelta(hours=4))
    assert any_world.waiting_parcels() == 1
    assert any_world.acts(any_world.number(handle)) == ["asked"]


def test_a_taken_number_is_drawn_again(world: World) -> None:
    """Two cases never share one."""

    class Repeating(SeededEntropy):
        def symbols(self, alphabet: str, size: int) -> str:
            drawn.append(alphabet[0] if len(drawn) < 3 else alphabet[1])
            return drawn[-1] * size

    drawn: list[str] = []
    tools = replace(world.tools, entropy=Repeating())
    world.tools = tools

    numbers = [world.number(world.confirming()) for _ in range(2)]

    assert numbers == ["2222-2222", "3333-3333"]
    assert len(drawn) == 4


@pytest.mark.parametrize("handle", [None, "", "unknown", "é"])
def test_without_a_case_nothing_happens(world: World, handle: str | None) -> None:
    """A stale page is no error."""
    world.askings.forget(handle)
    world.askings.ask(handle)
    world.askings.ask_again(handle)

    assert world.askings.find(handle) is None
    assert world.kept.events() == 0


def test_a_button_pressed_twice_asks_once(any_world: World) -> None:
    """Nor does a button of a step that was left behind do anything."""
    handle = any_world.ask()

    any_world.askings.ask(handle)
    any_world.askings.forget(handle)

    assert any_world.waiting_parcels() == 1
    assert any_world.acts(any_world.number(handle)) == ["asked"]


def test_an_act_on_a_case_that_has_moved_since_it_was_seen_is_decided_again(any_world: World) -> None:
    """The version tells; the button that came second finds nothing to ask for."""
    handle = any_world.confirming()
    seen = any_world.askings.find(handle)

    any_world.askings.ask(handle, seen)
    any_world.askings.ask(handle, seen)

    assert any_world.waiting_parcels() == 1
    assert any_world.acts(any_world.number(handle)) == ["asked"]


def test_asking_before_the_confirmation_does_nothing(world: World) -> None:
    """The address must have been shown first."""
    address = "camille@ac-lumiere.example"
    handle = world.at(world.house.password.identify, "continue", visit(), email=address).visit.case

    world.askings.ask(handle)

    assert world.state(handle or "") == Identified(typed=address, address=address)
    assert world.waiting_parcels() == 0


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_asking_again_waits_for_the_pause_and_says_from_when(any_world: World, email: str) -> None:
    """Too early, nothing happens; then the new times are shown under the same case number."""
    any_world.add()
    handle = any_world.ask(email)
    any_world.courier().round()

    any_world.clock.at = NOON + PAUSE - INSTANT
    any_world.askings.ask_again(handle)
    early = any_world.waiting(handle)
    any_world.clock.at = NOON + PAUSE
    any_world.askings.ask_again(handle)
    again = any_world.waiting(handle)

    local = CALENDAR.local
    assert (early.facts["asked_at"], early.facts["may_ask_again"]) == (TimeOfDay(local(NOON)), False)
    assert again.facts["asked_at"] == TimeOfDay(local(NOON + PAUSE))
    assert again.facts["until"] == TimeOfDay(local(NOON + PAUSE + timedelta(hours=4)))
    assert again.case == early.case
    assert any_world.acts(any_world.number(handle)).count("asked") == 2


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "refused"), [(OPENS - INSTANT, errors.NotYetOpen), (CLOSES, errors.VoteClosed), (CLOSES - INSTANT, None)]
)
def test_outside_the_calendar_an_ask_is_refused_with_the_date(
    world: World, now: datetime, refused: type[errors.Refusal] | None
) -> None:
    """Nothing is stored; the journal keeps the refusal."""
    handle = world.confirming()
    world.clock.at = now

    if refused is None:
        world.askings.ask(handle)
    else:
        with pytest.raises(refused) as caught:
            world.askings.ask(handle)
        assert {"opens_at", "closed_at"} & set(caught.value.facts)
        with pytest.raises(refused):
            world.askings.ask_again(handle)

    assert world.waiting_parcels() == (refused is None)
    assert world.kept.events() == (1 if refused is None else 2)


def test_a_link_never_outlives_the_vote(world: World) -> None:
    """What MP-4 and the mail say is when the vote closes."""
    world.clock.at = CLOSES - timedelta(hours=1)

    handle = world.ask()

    assert world.waiting(handle).facts["until"] == TimeOfDay(CALENDAR.local(CLOSES))
