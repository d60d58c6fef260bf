"""Wrong passwords are counted; nobody is locked out of a browser they have used by the tries of others."""

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
    """Return a browser at another address."""
    return Visit(network=network, language=Language.FRENCH, device=device)


def attempt(world: World, held: Visit | None = None, password: str = WRONG, email: str = CAMILLE) -> str:
    """Return the result of a try: "in", "wrong" or "wait"."""
    try:
        world.sessions.sign_in(email, password, held or visit())
    except FormErrors:
        return "wrong"
    except errors.TooManySignIns:
        return "wait"
    return "in"


@pytest.fixture(name="camille")
def camille_with_a_password(world: World) -> Voter:
    """The only voter, who has a password."""
    world.add()
    return world.with_password()


@pytest.mark.usefixtures("camille")
def test_the_sixth_wrong_try_must_wait_whoever_it_is_about(world: World) -> None:
    """The page counts the tries left, and the sixth, the right password included, waits until a quarter of an hour after the first."""
    for email in (CAMILLE, STRANGER):
        said = []
        for _ in range(5):
            with pytest.raises(FormErrors) as caught:
                world.sessions.sign_in(email, WRONG, visit())
            said.append(caught.value.tries)
        assert said == [errors.sign_in_tries_left_sentence(left, pause_minutes=15) for left in (4, 3, 2, 1, 0)]
        work = world.hasher.verified
        assert attempt(world, email=email) == attempt(world, password=GOOD, email=email) == "wait"
        with pytest.raises(errors.TooManySignIns) as told:
            world.sessions.sign_in(email, GOOD, visit())
        assert (told.value.until, world.hasher.verified) == (CALENDAR.to_local(NOON + PAUSE), work)
    world.clock.at = NOON + PAUSE
    assert [attempt(world, password=GOOD, email=email) for email in (CAMILLE, STRANGER)] == ["in", "wrong"]


@pytest.mark.usefixtures("camille")
def test_a_success_resets_ones_own_count(world: World) -> None:
    """After four wrong tries and the right one, five more are free."""
    for _ in range(4):
        attempt(world)

    assert attempt(world, password=GOOD) == "in"
    assert [attempt(world) for _ in range(6)] == ["wrong"] * 5 + ["wait"]


@pytest.mark.usefixtures("camille")
def test_strangers_tries_lock_out_strangers_and_never_a_recognised_browser(world: World) -> None:
    """After fifty tries from fifty networks an unknown browser must wait for the hour's end, and the voter's own need not."""
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
    """Fifty new browsers that sign in well leave the fifty wrong tries of strangers untouched."""
    ins = [attempt(world, come_from(f"192.0.2.{n}"), GOOD) for n in range(50)]

    tries = [attempt(world, come_from(f"198.51.100.{n}")) for n in range(51)]

    assert ins == ["in"] * 50
    assert tries == ["wrong"] * 50 + ["wait"]


@pytest.mark.usefixtures("camille")
def test_a_new_password_makes_its_browser_recognised(world: World) -> None:
    """The way out that the page names works, even while strangers must wait."""
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
def test_a_recognised_browser_has_a_count_of_its_own_too(world: World) -> None:
    """A stolen mark is no way to guess for ever, from whatever network."""
    device = world.sessions.sign_in(CAMILLE, GOOD, visit()).device

    tries = [attempt(world, come_from(f"198.51.100.{n}", device)) for n in range(6)]

    assert tries == ["wrong"] * 5 + ["wait"]
    assert attempt(world, password=GOOD) == "in"


@pytest.mark.usefixtures("camille")
def test_marks_from_before_a_new_password_are_a_strangers(world: World) -> None:
    """The former password and many marks give nobody more guesses at the next one than others have."""
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
    """The mark of another voter, an altered one, and one older than thirty days count as a stranger's."""
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
    """A browser that shows another's mark costs the same work whether or not the address is on the roll."""
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
    """Of thirty-two guesses at once from one network five are checked."""
    any_world.add()
    any_world.with_password()
    work = any_world.hasher.verified

    with ThreadPoolExecutor(32) as pool:
        ends = list(pool.map(lambda _: attempt(any_world), range(32)))

    assert (ends.count("wrong"), ends.count("wait")) == (5, 27)
    assert any_world.hasher.verified == work + 5


def test_every_refusal_leaves_one_event(world: World, camille: Voter) -> None:
    """Each refusal leaves one event that says whether it was wrong or too many; an unknown address names nobody."""
    before = world.kept.events()
    for _ in range(6):
        attempt(world)
    attempt(world, email=STRANGER)

    reasons = ["wrong-password"] * 5 + ["too-many-sign-ins", "wrong-password"]
    assert world.kept.lines()[before:] == [("sign-in-refused", reason) for reason in reasons]
    assert [event.reason for event in world.voter_events(camille)[-6:]] == reasons[:6]


def test_the_limits_are_the_policys(world: World) -> None:
    """Two tries are allowed where the policy says so."""
    world.dependencies = replace(world.dependencies, policy=Policy(sign_in_tries=2))
    world.add()

    assert [attempt(world) for _ in range(3)] == ["wrong", "wrong", "wait"]
