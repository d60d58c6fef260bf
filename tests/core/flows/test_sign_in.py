"""Tests of signing in and out."""

from dataclasses import replace
from datetime import timedelta
from typing import get_type_hints

import pytest

from core.flows.flow_handler import PENDING_LIFE, Visit
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.sign_in import VoterSessions
from core.forms import errors
from core.forms.field_parsers import parse_address
from core.forms.flow_model import FormErrors
from core.policy.policy import Policy
from core.ports import Actor, Event, EventType, Voter
from tests.support.election import CAMILLE, CLOSES, GOOD, OPENS, STRANGER, CountingHasher, entry, visit
from tests.support.stores import leaving_after, reading, statements, writing
from tests.support.worlds import World

INSTANT = timedelta(microseconds=1)


def sign_in(world: World, password: str = GOOD, email: str = CAMILLE, held: Visit | None = None) -> Visit:
    return world.sessions.sign_in(email, password, held or visit())


@pytest.fixture(name="camille")
def camille_with_a_password(world: World) -> Voter:
    """The only voter of the election, who has a password."""
    world.add()
    return world.with_password()


def test_the_right_password_opens_a_session(world: World, camille: Voter) -> None:
    """The right password opens a session of one hour, marks the browser as recognised, and writes one event."""
    signed_in = sign_in(world)

    signed = world.sessions.signed_in_voter(signed_in.session)
    assert signed.voter == camille
    assert signed.record.expires == world.clock.at + timedelta(hours=1)
    assert signed.voter.password_set == camille.password_set
    assert signed_in.device is not None
    assert world.voter_events(camille)[-1] == Event(
        at=world.clock.at, actor=Actor.VOTER, act=EventType.SIGNED_IN, voter=camille.id
    )


def test_a_voter_whom_an_import_holds_signs_in(any_world: World) -> None:
    """On PostgreSQL, a voter can sign in while a roll import holds the voter's row."""
    any_world.add()
    voter = any_world.with_password()
    with any_world.store.write() as importing:
        importing.roll.correct([(voter.id, entry(last_name="Durand", email="c.durand@ac-lumiere.example"))])
        if any_world.kept.engine.dialect.name == "postgresql":
            assert sign_in(any_world).session

    assert reading(any_world.store).voters.by_address("c.durand@ac-lumiere.example")


@pytest.mark.usefixtures("camille")
def test_a_shared_computer_is_not_recognised(world: World) -> None:
    """A browser on a shared computer gets no mark and loses an older one."""
    steps = world.services.flows[PasswordFlowPlugin].steps
    before = visit(pending=world.requests.seal_request(parse_address(CAMILLE, example=CAMILLE)), device="of before")

    shared = world.at(steps.choose_way, "sign-in", before, password=GOOD, shared="1").visit
    own = world.at(steps.choose_way, "sign-in", before, password=GOOD).visit

    assert shared.device is None
    assert world.sessions.signed_in_voter(shared.session).voter.email == CAMILLE
    assert own.device not in {None, "of before"}


def test_a_session_ends_with_its_time(world: World, camille: Voter) -> None:
    """A session ends after an hour, or when the vote closes."""
    token = sign_in(world).session

    world.clock.move(minutes=60)
    world.clock.at -= INSTANT
    world.sessions.signed_in_voter(token)
    world.clock.at += INSTANT

    with pytest.raises(errors.SignInNeeded):
        world.sessions.signed_in_voter(token)

    world.clock.at = CLOSES - timedelta(minutes=5)

    token = sign_in(world).session
    assert world.sessions.signed_in_voter(token).record.expires == CLOSES
    assert world.sessions.signed_in_voter(token).voter == camille


@pytest.mark.parametrize("change", ["removed", "moved", "frozen", "new password"])
def test_a_session_dies_with_what_it_was_opened_for(world: World, camille: Voter, change: str) -> None:
    """A new password, a freeze, another address and leaving the roll end the session."""
    token = sign_in(world).session

    with world.store.write() as transaction:
        match change:
            case "removed":
                transaction.roll.remove([camille.id], world.clock.at)
            case "moved":
                transaction.roll.correct([(camille.id, entry("elsewhere@ac-lumiere.example"))])
            case "frozen":
                transaction.voters.freeze(camille.id, epoch=camille.epoch, at=world.clock.at)
            case _:
                transaction.voters.set_password_hash(camille.id, "hash", epoch=camille.epoch, at=world.clock.at)

    with pytest.raises(errors.SignInNeeded):
        world.sessions.signed_in_voter(token)


@pytest.mark.usefixtures("camille")
def test_a_token_that_was_signed_out_never_opens_a_session_again(world: World) -> None:
    """The token of a closed session never works again, even if the same sign-in form is sent again.

    The browser stays recognised.
    """
    keyed = visit(form=b"in")
    signed_in = sign_in(world, held=keyed)
    left = world.sessions.sign_out(signed_in)
    assert (left.session, left.device) == (None, signed_in.device)

    again = sign_in(world, held=keyed)
    world.with_password()
    once_more = sign_in(world, held=keyed)

    assert world.sessions.signed_in_voter(once_more.session)
    for closed in (signed_in.session, again.session):
        with pytest.raises(errors.SignInNeeded):
            world.sessions.signed_in_voter(closed)


def test_a_sign_in_is_known_as_repeated_for_as_long_as_its_form_can_be_sent() -> None:
    """No policy forgets forms before the cookie with the address has expired."""
    bounds = get_type_hints(Policy, include_extras=True)["form_repeat_minutes"].__metadata__[0]

    assert timedelta(minutes=bounds.ge) >= PENDING_LIFE


def test_nobody_is_signed_in_with_a_made_up_session(world: World) -> None:
    """A missing or invented session token signs nobody in."""
    for token in (None, "", "unknown", "A" * 43):
        with pytest.raises(errors.SignInNeeded):
            world.sessions.signed_in_voter(token)


# ── Refusals that reveal nothing ────────────────────────────────────────────────────────────────────────


def test_a_refused_sign_in_is_the_same_work_for_everyone(world: World) -> None:
    """All refused sign-ins cost the same work and show the same error, for known and unknown addresses."""
    _, _, frozen = world.add(entry(), entry("new@ac-lumiere.example"), entry("frozen@ac-lumiere.example"))
    for email in (CAMILLE, frozen.email):
        world.with_password(email=email)
    writing(world.store).voters.freeze(frozen.id, epoch=1, at=world.clock.at)
    seen = []

    for email in (CAMILLE, "new@ac-lumiere.example", frozen.email, STRANGER):
        work, hashed, events = world.hasher.verified, world.hasher.hashed, world.kept.events()
        with statements(world.kept.engine) as sent, pytest.raises(FormErrors) as caught:
            sign_in(world, "Girafe tambour 31", email)
        said = [(name, type(why)) for name, why in caught.value.by_field.items()]
        hasher = world.hasher
        cost = hasher.verified - work, hasher.hashed - hashed, world.kept.events() - events
        seen.append((sent, cost, said, caught.value.tries))

    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert seen[0][1:3] == ((1, 0, 1), [("password", errors.WrongPassword)])


def test_only_the_right_password_is_told_that_the_account_is_frozen(world: World, camille: Voter) -> None:
    """A frozen voter learns of the freeze only with the right password, and no session is opened."""
    writing(world.store).voters.freeze(camille.id, epoch=camille.epoch, at=world.clock.at)

    with pytest.raises(FormErrors):
        sign_in(world, "Girafe tambour 31")
    with pytest.raises(errors.AccountFrozen):
        sign_in(world)

    assert [event.reason for event in world.voter_events(camille)[-2:]] == ["wrong-password", "frozen"]


def test_a_voter_who_left_the_roll_is_unknown(world: World, camille: Voter) -> None:
    """A voter who left the roll cannot sign in with the right password."""
    writing(world.store).roll.remove([camille.id], world.clock.at)

    with pytest.raises(FormErrors):
        sign_in(world)


def test_outside_the_calendar_nobody_signs_in(world: World) -> None:
    """Before the opening and after the vote, sign-ins are refused without checking the password."""
    world.add()
    world.with_password()
    for at, why in ((OPENS - INSTANT, errors.NotYetOpen), (CLOSES, errors.VoteClosed), (CLOSES - INSTANT, None)):
        world.clock.at = at

        if why is None:
            assert sign_in(world).session
        else:
            with pytest.raises(why):
                sign_in(world)
            assert world.hasher.verified == 0


# ── Outdated hashes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_password_is_rehashed_when_the_parameters_grow(world: World, camille: Voter) -> None:
    """The next sign-in replaces a hash with outdated parameters. The session and the epoch stay the same."""
    dependencies = replace(world.dependencies, hasher=CountingHasher(memory_kib=16))
    grown = VoterSessions(dependencies)

    token = grown.sign_in(CAMILLE, GOOD, visit()).session
    rehashed = world.voter()
    grown.sign_in(CAMILLE, GOOD, visit())

    assert grown.signed_in_voter(token).voter == rehashed
    assert rehashed.password != camille.password
    assert (rehashed.epoch, rehashed.password_set) == (camille.epoch, camille.password_set)
    assert "m=16" in (rehashed.password or "")
    assert isinstance(dependencies.hasher, CountingHasher)
    assert dependencies.hasher.hashed == 1


def test_a_rehash_never_overwrites_a_password_chosen_meanwhile(world: World, camille: Voter) -> None:
    """A new hash of the old password never replaces a password that was chosen at the same time."""

    class Slow(CountingHasher):
        def hash(self, password: str) -> str:
            writing(world.store).voters.set_password_hash(camille.id, "new", epoch=camille.epoch, at=world.clock.at)
            return super().hash(password)

    slow = VoterSessions(replace(world.dependencies, hasher=Slow(memory_kib=16)))

    token = slow.sign_in(CAMILLE, GOOD, visit()).session

    assert world.voter().password == "new"
    with pytest.raises(errors.SignInNeeded):
        slow.signed_in_voter(token)


def test_a_sign_in_succeeds_when_the_store_leaves_before_its_rehash(world: World, camille: Voter) -> None:
    """A sign-in succeeds even if the database fails before the new hash is stored."""
    grown = VoterSessions(replace(world.dependencies, hasher=CountingHasher(memory_kib=16)))

    with leaving_after(world.store, 2):
        token = grown.sign_in(CAMILLE, GOOD, visit()).session

    assert grown.signed_in_voter(token).voter == camille
    grown.sign_in(CAMILLE, GOOD, visit())
    assert "m=16" in (world.voter().password or "")


def test_the_numbers_of_a_session_are_the_policys(world: World) -> None:
    """The length of a session comes from the policy."""
    world.dependencies = replace(world.dependencies, policy=Policy(session_minutes=30))
    world.add()
    world.with_password()

    expires = world.sessions.signed_in_voter(sign_in(world).session).record.expires

    assert expires == world.clock.at + timedelta(minutes=30)
