"""Tests from the address to the asked message: what is stored, and what nobody can learn from it."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace as changed
from sqlalchemy import update

from core.adapters.sql.tables import recoveries
from core.flows.password.link_requests import PasswordLinkRequests, PendingLinkRequest
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.password.states import LinkRequestPending
from core.forms import errors
from core.forms.field_parsers import ParsedEmailAddress, parse_address
from core.security import tokens
from core.text.text import TimeOfDay
from tests.support.election import CALENDAR, CAMILLE, CLOSES, NOON, OPENS, STRANGER, SeededRandomSource, visit
from tests.support.stores import statements
from tests.support.worlds import World

INSTANT = timedelta(microseconds=1)
PAUSE = timedelta(minutes=3)


def pending(world: World, email: str = CAMILLE) -> PendingLinkRequest:
    """The request of a browser at MP-3."""
    found = world.requests.open_pending_request(world.confirming(email))
    assert found is not None
    return found


# ── Before the ask ───────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_stored_before_a_message_is_asked_for(world: World) -> None:
    """No statement is sent from MP-1 to MP-3, for a known and an unknown address."""
    world.add()
    steps = world.services.flows[PasswordFlowPlugin].steps

    for email in (CAMILLE, STRANGER):
        with statements(world.kept.engine) as sent:
            held = world.at(steps.identify, "continue", visit(), email=email).visit
            held = world.at(steps.choose_way, "forgotten", held).visit
            shown = world.services.dispatcher.show(steps.confirm, held)
        assert sent == []
        assert (shown.step, shown.case, shown.facts) == (steps.confirm, None, {"address": email})


def test_the_sealed_request_keeps_what_was_typed_and_opens_for_an_hour(world: World) -> None:
    """Each step seals it anew, for another hour."""
    token = world.requests.seal_new_request(parse_address(f" {CAMILLE.upper()}", example=CAMILLE))

    found = world.requests.open_pending_request(token)
    assert found is not None
    assert (found.typed, found.address, found.forgotten) == (CAMILLE.upper(), CAMILLE, False)
    world.clock.move(minutes=59)
    forgotten = world.requests.reseal_as_password_forgotten(found)
    world.clock.move(minutes=1)
    assert world.requests.open_pending_request(token) is None
    assert world.requests.open_pending_request(forgotten) == changed(
        found, expires=found.expires + 59 * 60, forgotten=True
    )


def test_the_sealed_request_is_small_and_says_nothing(world: World) -> None:
    """A sealed request fits a cookie for the longest address; two of one address are not alike."""
    one, other = world.confirming(), world.confirming()
    longest = "é" * 200

    assert one != other
    assert len(one) < 300
    assert CAMILLE.encode() not in (tokens.base64url_decode(one) or b"")
    assert len(world.requests.seal_new_request(ParsedEmailAddress(typed=longest, key=longest))) < 2_000


@pytest.mark.parametrize("token", [None, "", "unknown", "é", "A" * 200])
def test_a_made_up_request_opens_nothing(world: World, token: str | None) -> None:
    """A request that was changed, sealed for something else, or is of another election opens nothing."""
    own = world.confirming()
    device = world.sessions.make_recognised_browser_mark(*world.add(), NOON)
    elsewhere = replace(world.dependencies.election, site="https://other.example")
    other = PasswordLinkRequests(replace(world.dependencies, election=elsewhere))

    for forged in (token, device, own[:-2] + ("AA" if own[-2:] != "AA" else "BB"), own[:40]):
        assert world.requests.open_pending_request(forged) is None
    assert other.open_pending_request(own) is None


# ── The ask ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_ask_makes_the_case(world: World) -> None:
    """Typed and compared address are kept; one message waits, and one event is written."""
    handle = world.ask()

    state = world.state(handle)
    assert isinstance(state, LinkRequestPending)
    assert (state.typed, state.address) == (CAMILLE, CAMILLE)
    assert (state.asking.at, state.asking.until) == (NOON, NOON + timedelta(hours=4))
    assert world.waiting_parcels() == 1
    assert world.acts(world.number(handle)) == ["asked"]


def test_a_taken_number_is_drawn_again(world: World) -> None:
    """Two cases never have one number."""

    class Repeating(SeededRandomSource):
        def random_symbols(self, alphabet: str, size: int) -> str:
            drawn.append(alphabet[0] if len(drawn) < 3 else alphabet[1])
            return drawn[-1] * size

    drawn: list[str] = []
    world.dependencies = replace(world.dependencies, entropy=Repeating())

    numbers = [world.number(world.ask()) for _ in range(2)]

    assert numbers == ["2222-2222", "3333-3333"]
    assert len(drawn) == 4


@pytest.mark.parametrize("handle", [None, "", "unknown", "é"])
def test_without_a_case_nothing_is_sent_again(world: World, handle: str | None) -> None:
    """A stale page without a case is no error, and sends nothing."""
    world.ask_again(handle)

    assert world.dependencies.find_case(handle) is None
    assert world.kept.events() == 0


def test_a_button_pressed_twice_asks_once(world: World) -> None:
    """The second press finds the case made."""
    request = pending(world)

    world.requests.request_link_mail(request, visit())
    world.requests.request_link_mail(request, visit())

    assert world.waiting_parcels() == 1
    assert world.acts(world.number(request.handle)) == ["asked"]


def test_asking_before_the_confirmation_does_nothing(world: World) -> None:
    """An ask is ignored before the address was shown for confirmation."""
    steps = world.services.flows[PasswordFlowPlugin].steps
    held = world.at(steps.identify, "continue", visit(), email=CAMILLE).visit

    turn = world.at(steps.confirm, "send", held)

    assert turn.step is steps.choose_way
    assert (world.kept.cases(), world.waiting_parcels()) == (0, 0)


@pytest.mark.parametrize("tag", ["identified", "confirming"])
def test_a_case_of_a_former_version_that_asked_for_nothing_is_over(world: World, tag: str) -> None:
    """The browser of such a case begins at MP-1, the desk finds its number, and everything else goes on."""
    handle, engine = world.ask(), world.kept.engine
    number, steps = world.number(handle), world.services.flows[PasswordFlowPlugin].steps
    with engine.begin() as connection:
        connection.execute(
            update(recoveries).values(state=f'{{"type":"{tag}","typed":"{CAMILLE}","address":"{CAMILLE}"}}')
        )

    shown = world.services.dispatcher.show(steps.confirm, visit(case=handle))
    world.courier().run_once()
    world.ask_again(handle)

    assert shown.step is steps.identify
    case = world.dependencies.find_case(handle)
    assert case is not None
    assert world.services.dispatcher.handlers[0].current_step(case).case == number
    assert world.post.taken == []


def test_a_state_that_no_version_stored_is_not_taken_for_an_old_one(world: World) -> None:
    """A state that no version stored is damage, and is told."""
    handle, engine = world.ask(), world.kept.engine
    with engine.begin() as connection:
        connection.execute(update(recoveries).values(state='{"type":"requested"}'))

    with pytest.raises(msgspec.ValidationError):
        world.dependencies.find_case(handle)


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_asking_again_waits_for_the_pause_and_says_from_when(world: World, email: str) -> None:
    """Nothing happens too early; afterwards the new times are shown under the same case number."""
    world.add()
    handle = world.ask(email)
    world.courier().run_once()

    world.clock.at = NOON + PAUSE - INSTANT
    world.ask_again(handle)
    early = world.waiting(handle)
    world.clock.at = NOON + PAUSE
    world.ask_again(handle)
    again = world.waiting(handle)

    local = CALENDAR.to_local
    assert (early.facts["asked_at"], early.facts["may_ask_again"]) == (TimeOfDay(local(NOON)), False)
    assert again.facts["asked_at"] == TimeOfDay(local(NOON + PAUSE))
    assert again.facts["until"] == TimeOfDay(local(NOON + PAUSE + timedelta(hours=4)))
    assert again.case == early.case
    assert world.acts(world.number(handle)).count("asked") == 2


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "refused"), [(OPENS - INSTANT, errors.NotYetOpen), (CLOSES, errors.VoteClosed), (CLOSES - INSTANT, None)]
)
def test_outside_the_calendar_an_ask_is_refused_with_the_date(
    world: World, now: datetime, refused: type[errors.Refusal] | None
) -> None:
    """Nothing is stored; the journal keeps the refusal."""
    request = pending(world)
    world.clock.at = now

    if refused is None:
        world.requests.request_link_mail(request, visit())
    else:
        with pytest.raises(refused) as caught:
            world.requests.request_link_mail(request, visit())
        assert {"opens_at", "closed_at"} & set(caught.value.facts)
        with pytest.raises(refused):
            world.ask_again(request.handle)

    assert world.waiting_parcels() == (refused is None)
    assert world.kept.events() == (1 if refused is None else 2)


def test_a_link_never_outlives_the_vote(world: World) -> None:
    """The end of the link that MP-4 and the mail state is that of the vote."""
    world.clock.at = CLOSES - timedelta(hours=1)

    handle = world.ask()

    assert world.waiting(handle).facts["until"] == TimeOfDay(CALENDAR.to_local(CLOSES))
