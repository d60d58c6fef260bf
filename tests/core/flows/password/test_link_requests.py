"""Tests of requests for a recovery mail: what is stored, and what the pages do not reveal."""

from dataclasses import replace
from datetime import timedelta

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
from core.policy.policy import Policy
from core.security import tokens
from core.text.text import Moment, TimeOfDay
from tests.support.election import CALENDAR, CAMILLE, CLOSES, NOON, OPENS, STRANGER, SeededRandomSource, visit
from tests.support.stores import statements
from tests.support.worlds import World

INSTANT = timedelta(microseconds=1)
PAUSE = timedelta(minutes=Policy().resend_after_minutes)


def pending(world: World, email: str = CAMILLE) -> PendingLinkRequest:
    """Return the request in the cookie of a browser at step MP-3."""
    found = world.requests.unseal_request(world.confirming(email))
    assert found is not None
    return found


# ── Before the request ──────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_stored_before_a_message_is_asked_for(world: World) -> None:
    """Up to step MP-3, no database statement is executed, for known and unknown addresses."""
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
    """A sealed request keeps the typed address and is valid for an hour. Each step seals it for another hour."""
    token = world.requests.seal_request(parse_address(f" {CAMILLE.upper()}", example=CAMILLE))

    found = world.requests.unseal_request(token)
    assert found is not None
    assert (found.typed, found.address, found.forgotten) == (CAMILLE.upper(), CAMILLE, False)
    world.clock.move(minutes=59)
    address = ParsedEmailAddress(typed=found.typed, key=found.address)
    forgotten = world.requests.seal_request(address, forgotten=True, handle=found.handle)
    world.clock.move(minutes=1)
    assert world.requests.unseal_request(token) is None
    assert world.requests.unseal_request(forgotten) == changed(found, expires=found.expires + 59 * 60, forgotten=True)


def test_a_sealed_request_is_small_says_nothing_and_cannot_be_made_up(world: World) -> None:
    """A sealed request fits into a cookie, hides the address, and cannot be forged or used in another election."""
    own, again = world.confirming(), world.confirming()
    longest = "é" * 200

    assert own != again
    assert len(own) < 300
    assert CAMILLE.encode() not in (tokens.base64url_decode(own) or b"")
    assert len(world.requests.seal_request(ParsedEmailAddress(typed=longest, key=longest))) < 2_000

    device = world.sessions.make_recognised_browser_mark(*world.add(), NOON)
    elsewhere = replace(world.dependencies.election, site="https://other.example")
    other = PasswordLinkRequests(replace(world.dependencies, election=elsewhere))

    bent = own[:-2] + ("AA" if own[-2:] != "AA" else "BB")
    for forged in (None, "", "unknown", "é", "A" * 200, device, bent, own[:40]):
        assert world.requests.unseal_request(forged) is None
    assert other.unseal_request(own) is None


# ── The request ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_ask_makes_the_case(world: World) -> None:
    """A request stores a case with the address, queues one message, and writes one event."""
    handle = world.ask()

    state = world.state(handle)
    assert isinstance(state, LinkRequestPending)
    assert (state.typed, state.address) == (CAMILLE, CAMILLE)
    assert (state.asking.at, state.asking.until) == (NOON, NOON + timedelta(hours=4))
    assert world.waiting_parcels() == 1
    assert world.acts(world.number(handle)) == ["asked"]


def test_a_taken_number_is_drawn_again(world: World) -> None:
    """If a case number is already used, another one is drawn."""

    class Repeating(SeededRandomSource):
        def random_symbols(self, alphabet: str, size: int) -> str:
            drawn.append(alphabet[0] if len(drawn) < 3 else alphabet[1])
            return drawn[-1] * size

    drawn: list[str] = []
    world.dependencies = replace(world.dependencies, entropy=Repeating())

    numbers = [world.number(world.ask()) for _ in range(2)]

    assert numbers == ["2222-2222", "3333-3333"]
    assert len(drawn) == 4


def test_without_a_case_nothing_is_sent_again(world: World) -> None:
    """Resending without a known case does nothing and raises no error."""
    for handle in (None, "", "unknown", "é"):
        world.ask_again(handle)
        assert world.dependencies.find_case(handle) is None
    assert world.kept.events() == 0


def test_a_form_that_asked_before_asks_for_nothing_more(world: World) -> None:
    """A form that is sent again requests no other mail, even after the pause."""
    request, form = pending(world), changed(visit(), form=b"form")
    for _ in range(2):
        world.requests.request_link_mail(request, form)
        world.clock.at += PAUSE
    again = changed(form, case=request.handle)
    for _ in range(2):
        world.requests.request_link_mail_again(again)
        world.clock.at += PAUSE

    assert world.waiting_parcels() == 2
    assert world.acts(world.number(request.handle)) == ["asked", "asked"]


def test_asking_before_the_confirmation_does_nothing(world: World) -> None:
    """A request is ignored if the visitor has not seen the page that confirms the address."""
    steps = world.services.flows[PasswordFlowPlugin].steps
    held = world.at(steps.identify, "continue", visit(), email=CAMILLE).visit

    turn = world.at(steps.confirm, "send", held)

    assert turn.step is steps.choose_way
    assert (world.kept.cases(), world.waiting_parcels()) == (0, 0)


def test_a_stored_state_that_cannot_be_read_is_damage(world: World) -> None:
    """A damaged state in the database raises an error, and is not taken for another state."""
    handle = world.ask()
    with world.kept.engine.begin() as connection:
        connection.execute(update(recoveries).values(state='{"type":"requested"}'))

    with pytest.raises(msgspec.ValidationError):
        world.dependencies.find_case(handle)


def test_asking_again_waits_for_the_pause_and_says_from_when(world: World) -> None:
    """A request during the pause does nothing. A later one shows the new times, for known and unknown addresses."""
    world.add()
    handles = [world.ask(email) for email in (CAMILLE, STRANGER)]
    world.courier().run_once()
    pages = []

    for instant in (NOON + PAUSE - INSTANT, NOON + PAUSE):
        world.clock.at = instant
        for handle in handles:
            world.ask_again(handle)
        pages.append([world.waiting(handle) for handle in handles])

    local = CALENDAR.to_local
    for handle, early, again in zip(handles, *pages, strict=True):
        assert (early.facts["asked_at"], early.facts["may_ask_again"]) == (TimeOfDay(local(NOON)), False)
        assert again.facts["asked_at"] == TimeOfDay(local(NOON + PAUSE))
        assert again.facts["until"] == Moment(local(NOON + PAUSE + timedelta(hours=4)))
        assert again.case == early.case
        assert world.acts(world.number(handle)).count("asked") == 2


# ── The calendar ────────────────────────────────────────────────────────────────────────────────────────


def test_outside_the_calendar_an_ask_is_refused_with_the_date(world: World) -> None:
    """Before the opening and after the vote, a request is refused with the date, and only an event is written."""
    request = pending(world)

    for now, refused in ((OPENS - INSTANT, errors.NotYetOpen), (CLOSES, errors.VoteClosed)):
        world.clock.at, before = now, world.kept.events()
        with pytest.raises(refused) as caught:
            world.requests.request_link_mail(request, visit())
        assert {"opens_at", "closed_at"} & set(caught.value.facts)
        with pytest.raises(refused):
            world.ask_again(request.handle)
        assert (world.waiting_parcels(), world.kept.events() - before) == (0, 2)
    world.clock.at = CLOSES - INSTANT
    world.requests.request_link_mail(pending(world), visit())
    assert world.waiting_parcels() == 1


def test_a_link_never_outlives_the_vote(world: World) -> None:
    """If the vote closes within four hours, the link expires when the vote closes."""
    world.clock.at = CLOSES - timedelta(hours=1)

    handle = world.ask()

    assert world.waiting(handle).facts["until"] == Moment(CALENDAR.to_local(CLOSES))
