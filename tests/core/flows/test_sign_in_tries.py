"""Tests of the limits of sign-in attempts. Attempts by others never lock out a recognised browser."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from core.flows.flow_handler import Visit
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.policy.policy import Policy
from core.ports import Vault, Voter
from core.security import key_purposes
from core.text.text import Language
from tests.support.election import CALENDAR, CAMILLE, GOOD, NOON, STRANGER, entry, visit
from tests.support.worlds import World

WRONG = "Wrong guess 1"
PAUSE = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def come_from(network: str, device: str | None = None) -> Visit:
    """Return the visit of a browser in this network."""
    return Visit(network=network, language=Language.FRENCH, device=device)


def attempt(world: World, held: Visit | None = None, password: str = WRONG, email: str = CAMILLE) -> str:
    """Return the result of a sign-in: "in", "wrong" or "wait"."""
    try:
        world.sessions.sign_in(email, password, held or visit())
    except FormErrors:
        return "wrong"
    except errors.TooManySignIns:
        return "wait"
    return "in"


@pytest.fixture(name="camille")
def camille_with_a_password(world: World) -> Voter:
    """The only voter of the election, who has a password."""
    world.add()
    return world.with_password()


@pytest.mark.usefixtures("camille")
def test_the_sixth_wrong_try_must_wait_whoever_it_is_about(world: World) -> None:
    """After five wrong passwords, every sign-in is refused for 15 minutes, for known and unknown addresses."""
    for email in (CAMILLE, STRANGER):
        said = []
        for _ in range(5):
            with pytest.raises(FormErrors) as caught:
                world.sessions.sign_in(email, WRONG, visit())
            said.append(caught.value.tries)
        assert said == [errors.tries_left_sentence(left, pause_minutes=15) for left in (4, 3, 2, 1, 0)]
        work = world.hasher.verified
        assert attempt(world, email=email) == attempt(world, password=GOOD, email=email) == "wait"
        with pytest.raises(errors.TooManySignIns) as told:
            world.sessions.sign_in(email, GOOD, visit())
        assert (told.value.until, world.hasher.verified) == (CALENDAR.to_local(NOON + PAUSE), work)
    world.clock.at = NOON + PAUSE
    assert [attempt(world, password=GOOD, email=email) for email in (CAMILLE, STRANGER)] == ["in", "wrong"]


@pytest.mark.usefixtures("camille")
def test_a_success_resets_ones_own_count(world: World) -> None:
    """A successful sign-in resets the count of wrong passwords."""
    for _ in range(4):
        attempt(world)

    assert attempt(world, password=GOOD) == "in"
    assert [attempt(world) for _ in range(6)] == ["wrong"] * 5 + ["wait"]


@pytest.mark.usefixtures("camille")
def test_strangers_tries_lock_out_strangers_and_never_a_recognised_browser(world: World) -> None:
    """Fifty wrong passwords from other networks block unknown browsers, but not the voter's recognised browser."""
    own = world.sessions.sign_in(CAMILLE, GOOD, come_from("203.0.113.9"))
    world.clock.move(hours=1)

    tries = [attempt(world, come_from(f"198.51.100.{n}")) for n in range(50)]

    assert tries == ["wrong"] * 50
    assert attempt(world, come_from("198.51.100.99"), GOOD) == "wait"
    assert attempt(world, come_from("198.51.100.99", own.device), GOOD) == "in"
    with pytest.raises(errors.TooManySignIns) as told:
        world.sessions.sign_in(CAMILLE, GOOD, come_from("198.51.100.98"))
    assert told.value.until == CALENDAR.to_local(NOON + 2 * HOUR)
    world.clock.move(hours=1)
    assert attempt(world, come_from("198.51.100.99"), GOOD) == "in"


@pytest.mark.usefixtures("camille")
def test_successes_from_strange_browsers_are_no_wrong_tries(world: World) -> None:
    """Successful sign-ins from new browsers do not count as wrong attempts."""
    ins = [attempt(world, come_from(f"192.0.2.{n}"), GOOD) for n in range(50)]

    tries = [attempt(world, come_from(f"198.51.100.{n}")) for n in range(51)]

    assert ins == ["in"] * 50
    assert tries == ["wrong"] * 50 + ["wait"]


@pytest.mark.usefixtures("camille")
def test_a_new_password_makes_its_browser_recognised(world: World) -> None:
    """A browser in which a new password was chosen can sign in while unknown browsers are blocked."""
    for n in range(51):
        attempt(world, come_from(f"198.51.100.{n}"))
    step, new = world.services.flows[PasswordFlowPlugin].steps.choose_password, "Girafe tambour 31"
    token = world.link()

    turn = world.at(
        step, "save", come_from("198.51.100.99").with_(link=token), new_password=new, new_password_again=new
    )

    assert attempt(world, come_from("198.51.100.99"), new) == "wait"
    assert attempt(world, turn.visit, new) == "in"


@pytest.mark.usefixtures("camille")
def test_marks_from_before_a_new_password_are_a_strangers(world: World) -> None:
    """After a new password, browsers that were recognised before count as unknown."""
    marks = [world.sessions.sign_in(CAMILLE, GOOD, visit()).device for _ in range(3)]
    new = "Girafe tambour 31"
    voter = world.with_password(new)
    for n in range(51):
        attempt(world, come_from(f"198.51.100.{n}"))

    assert [attempt(world, come_from("198.51.100.99", mark), new) for mark in marks] == ["wait"] * 3
    own = world.sessions.make_recognised_browser_mark(voter, NOON)
    assert attempt(world, come_from("198.51.100.99", own), new) == "in"


@pytest.mark.usefixtures("camille")
def test_a_mark_is_good_for_its_own_address_and_its_own_time(world: World) -> None:
    """A forged or expired mark, or the mark of another voter, does not make a browser recognised."""
    world.add(entry("other@ac-lumiere.example"))
    mark = world.sessions.make_recognised_browser_mark(world.voter("other@ac-lumiere.example"), NOON) or ""
    old = world.sessions.make_recognised_browser_mark(world.voter(), NOON - timedelta(days=30)) or ""
    recent = (
        world.sessions.make_recognised_browser_mark(world.voter(), NOON - timedelta(days=30) + timedelta(seconds=1))
        or ""
    )
    for n in range(51):
        attempt(world, come_from(f"198.51.100.{n}"))

    for device in (None, "", "made up", mark, old, recent[:-2], recent + "AA", "é"):
        assert attempt(world, come_from("198.51.100.99", device), GOOD) == "wait"
    assert attempt(world, come_from("198.51.100.99", recent), GOOD) == "in"


def test_a_mark_is_opened_as_often_for_an_unknown_address(
    world: World, monkeypatch: pytest.MonkeyPatch, camille: Voter
) -> None:
    """Checking a browser's mark costs the same work for known and unknown addresses."""
    (other,) = world.add(entry("other@ac-lumiere.example"))
    mark = world.sessions.make_recognised_browser_mark(other, NOON)
    vault, opened = type(world.dependencies.vault), list[tuple[str, bytes] | None]()
    unwatched = vault.open

    def watched(self: Vault, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        opened.append((purpose, context) if purpose == key_purposes.DEVICE else None)
        return unwatched(self, purpose, sealed, context=context)

    monkeypatch.setattr(vault, "open", watched)
    for email in (camille.email, STRANGER):
        attempt(world, come_from("198.51.100.9", mark), email=email)
        assert [each for each in opened if each] == [(key_purposes.DEVICE, email.encode())]
        opened.clear()


def test_guesses_in_parallel_share_the_count(any_world: World) -> None:
    """Of 32 parallel wrong passwords from one network, five are checked."""
    any_world.add()
    any_world.with_password()
    work = any_world.hasher.verified

    with ThreadPoolExecutor(32) as pool:
        ends = list(pool.map(lambda _: attempt(any_world), range(32)))

    assert (ends.count("wrong"), ends.count("wait")) == (5, 27)
    assert any_world.hasher.verified == work + 5


def test_every_refusal_leaves_one_event(world: World, camille: Voter) -> None:
    """Each refused sign-in writes one event with its reason."""
    before = world.kept.events()
    for _ in range(6):
        attempt(world)
    attempt(world, email=STRANGER)

    reasons = ["wrong-password"] * 5 + ["too-many-sign-ins", "wrong-password"]
    assert world.kept.lines()[before:] == [("sign-in-refused", reason) for reason in reasons]
    assert [event.reason for event in world.voter_events(camille)[-6:]] == reasons[:6]


def test_the_limits_are_the_policys(world: World) -> None:
    """The number of attempts comes from the policy."""
    world.dependencies = replace(world.dependencies, policy=Policy(sign_in_tries=2))
    world.add()

    assert [attempt(world) for _ in range(3)] == ["wrong", "wrong", "wait"]
