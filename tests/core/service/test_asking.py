"""From the address to the asked message: what is stored, and what nobody can learn from it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core import errors
from core.policy import Policy
from core.ports import ParcelState
from core.recovery import Confirming, Identified, LinkSent, Requested, Unanswered
from core.steps import Shown
from core.text import TimeOfDay
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE
from tests.support.stores import statements
from tests.support.worlds import (
    CALENDAR,
    CAMILLE,
    CLOSES,
    NOON,
    OPENS,
    STRANGER,
    SeededEntropy,
    World,
    entry,
    visit,
)

INSTANT = timedelta(microseconds=1)
PAUSE = timedelta(minutes=3)


def waiting_parcels(election: World) -> int:
    """How many asks the courier will find."""
    with election.store.read() as transaction:
        return transaction.outbox.counts().get(ParcelState.WAITING, 0)


def state_of(election: World, handle: str) -> object:
    """Where that browser's case stands."""
    found = election.askings.find(handle)
    assert found is not None
    return found.state


def facts_of(shown: Shown, *, without: str = "address") -> dict[str, object]:
    """What MP-4 prints, but for one thing."""
    return {name: value for name, value in shown.facts.items() if name != without}


# ── The way ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_becomes_a_case_and_then_an_ask(any_world: World) -> None:
    """Typed and compared address are kept; one parcel waits, and one event is written."""
    handle = any_world.confirming()
    assert state_of(any_world, handle) == Confirming(typed=CAMILLE, address=CAMILLE)

    any_world.askings.ask(handle)

    state = state_of(any_world, handle)
    assert isinstance(state, Requested)
    assert (state.asking.at, state.asking.until) == (NOON, NOON + timedelta(hours=4))
    assert waiting_parcels(any_world) == 1
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

    assert waiting_parcels(any_world) == 1
    assert any_world.acts(any_world.number(handle)) == ["asked"]


def test_asking_before_the_confirmation_does_nothing(world: World) -> None:
    """The address must have been shown first."""
    address = "camille@ac-lumiere.example"
    handle = world.at(world.house.password.identify, "continue", visit(), email=address).visit.case

    world.askings.ask(handle)

    assert state_of(world, handle or "") == Identified(typed=address, address=address)
    assert waiting_parcels(world) == 0


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


# ── No oracle ────────────────────────────────────────────────────────────────────────────────────────────


def test_case_1_the_same_statements_are_sent_for_an_unknown_address(sql_world: World) -> None:
    """From MP-1 to a repeated ask, in the same order; no password is hashed and no voter is read."""
    sql_world.add()
    sql_world.ask("earlier@ac-lumiere.example")
    assert sql_world.kept.engine is not None
    sent = {}
    for email in (CAMILLE, STRANGER):
        with statements(sql_world.kept.engine) as seen:
            handle = sql_world.ask(email)
            sql_world.waiting(handle)
            sql_world.askings.ask_again(handle)
        sent[email] = seen

    assert sent[CAMILLE] == sent[STRANGER]
    assert not [statement for statement in sent[CAMILLE] if "voters" in statement]
    assert (sql_world.hasher.hashed, sql_world.hasher.verified) == (0, 0)


@pytest.mark.parametrize("says", [ACCEPTS, REFUSES, POSTPONES, UNREACHABLE], ids=["up", "refuses", "later", "down"])
def test_case_1_the_same_page_is_shown_whatever_became_of_the_ask(world: World, says: object) -> None:
    """To the asker of a known, a frozen and an unknown address, before and after the courier came."""
    (_, frozen) = world.add(entry(), entry("frozen@ac-lumiere.example"))
    with world.store.write() as transaction:
        transaction.voters.freeze(frozen.id, epoch=0, at=NOON)
    world.post.says = says  # type: ignore[assignment]  # one of a carrier's answers
    handles = [world.ask(email) for email in (CAMILLE, frozen.email, STRANGER)]

    for _ in range(3):
        shown = [world.waiting(handle) for handle in handles]
        assert {each.step.code for each in shown} == {"MP-4"}
        assert facts_of(shown[0]) == facts_of(shown[1]) == facts_of(shown[2])
        world.courier().round()
        world.clock.move(minutes=3)


@pytest.mark.xfail(
    strict=True, reason="defect: an ask may be repeated while it waits, but only in a case that has a link"
)
def test_case_1_asking_again_while_the_courier_is_late_shows_the_same_page(world: World) -> None:
    """Answered once, asked again, and again after the next pause with the courier still busy elsewhere."""
    world.add()
    handles = [world.ask(email) for email in (CAMILLE, STRANGER)]
    world.courier().round()

    for _ in range(2):
        world.clock.move(minutes=3)
        for handle in handles:
            world.askings.ask_again(handle)

    known, unknown = map(world.waiting, handles)
    assert facts_of(known) == facts_of(unknown)


@pytest.mark.xfail(
    strict=True, reason="defect: only a known address's message waits for a relay, so the delay tells it"
)
def test_case_1_a_mail_server_that_is_down_delays_known_and_unknown_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an hour when nobody else asks."""
    world.add()
    world.post.says = UNREACHABLE
    shown = []
    for email in (STRANGER, CAMILLE):
        handle = world.ask(email)
        world.courier().round()
        world.clock.move(minutes=20)
        shown.append(world.waiting(handle).facts["queue_delay"])
        monkeypatch.setattr(world.clock, "at", NOON)

    assert shown[0] == shown[1]


@pytest.mark.xfail(strict=True, reason="defect: a cancelled ask stays `Requested`, from where nobody can ask again")
def test_a_voter_whose_ask_was_cancelled_can_ask_again(world: World) -> None:
    """The courier was away for longer than a link is valid."""
    world.add()
    handle = world.ask()
    world.clock.move(hours=5)
    world.courier().round()

    world.askings.ask_again(handle)
    world.courier().round()

    assert world.post.links(CAMILLE)


# ── The limit ────────────────────────────────────────────────────────────────────────────────────────────

FEW = Policy(asks_per_address=2)


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_case_3_beyond_the_limit_the_page_is_the_same_and_nothing_is_sent(email: str, world: World) -> None:
    """Known or not; the journal says why, and the limit ends with its hour."""
    world.tools = replace(world.tools, policy=FEW)
    world.add()
    handles = [world.ask(spelt) for spelt in (email, email.upper(), f" {email.title()}\n")]

    shown = [world.waiting(handle) for handle in handles]

    assert waiting_parcels(world) == 2
    assert [each.step.code for each in shown] == ["MP-4"] * 3
    assert facts_of(shown[0]) == facts_of(shown[2])
    assert isinstance(state_of(world, handles[2]), Unanswered)
    assert world.acts(world.number(handles[2])) == ["ask-dropped"]
    assert world.journal(world.number(handles[2]))[0].reason == "too-many-asks"
    world.clock.move(hours=1)
    world.askings.ask_again(handles[2])
    assert waiting_parcels(world) == 3


def test_an_ask_beyond_the_limit_leaves_the_links_sent_before_in_force(world: World) -> None:
    """So that nobody kills a voter's link by asking again."""
    world.tools = replace(world.tools, policy=replace(Policy(), asks_per_address=1))
    world.add()
    token = world.link()
    world.clock.move(minutes=3)
    (handle,) = [world.ask()]

    assert isinstance(state_of(world, handle), Unanswered)
    assert isinstance(world.links.working(token).case.state, LinkSent)


def test_case_3_asks_in_parallel_never_exceed_the_limit(any_world: World) -> None:
    """Thirty-two browsers with one address: ten parcels wait."""
    handles = [any_world.confirming() for _ in range(32)]

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.askings.ask, handles))

    assert waiting_parcels(any_world) == 10
    assert any_world.kept.events() == 32


def test_a_double_click_in_the_same_instant_asks_once(any_world: World) -> None:
    """Thirty-two times on one case: one moves it, the others find it moved."""
    handle = any_world.confirming()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(any_world.askings.ask, [handle] * 32))

    assert waiting_parcels(any_world) == 1
    assert any_world.kept.events() == 1


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

    assert waiting_parcels(world) == (refused is None)
    assert world.kept.events() == (1 if refused is None else 2)


def test_a_link_never_outlives_the_vote(world: World) -> None:
    """What MP-4 and the mail say is when the vote closes."""
    world.clock.at = CLOSES - timedelta(hours=1)

    handle = world.ask()

    assert world.waiting(handle).facts["until"] == TimeOfDay(CALENDAR.local(CLOSES))
