"""Tests of the limit for a network that tries many addresses in vain.

A school with a few typing errors is not slowed.
"""

import re
from collections.abc import Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.adapters.password_hashing import Argon2PasswordHasher
from core.flows.flow_handler import Visit
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.policy.policy import Policy
from core.ports import EventType
from core.text.text import Language
from tests.support.election import CALENDAR, CAMILLE, GOOD, NETWORK, NOON, entry
from tests.support.stores import statements
from tests.support.worlds import World

LIMIT = 4
POLICY = Policy(sign_in_addresses_per_network=LIMIT, sign_in_gap_doubles_after=2)
GAP = timedelta(seconds=POLICY.sign_in_gap_seconds)
SCHOOL = 200
WRONG = "Faux essai 1"


class PlainHasher(Argon2PasswordHasher):
    """A password hasher that does no work, because these tests only count attempts."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: list[bool] = []
        """For each call of `verify`, whether there was a password to compare with."""

    def hash(self, password: str) -> str:
        return password

    def verify(self, hashed: str | None, password: str) -> bool:
        self.checked.append(hashed is not None)
        return hashed == password

    def needs_rehash(self, hashed: str) -> bool:  # noqa: ARG002  # the port's
        return False


@pytest.fixture(name="quick")
def quick_world(world: World) -> World:
    """An election that slows a network down after four addresses."""
    return made_quick(world)


def made_quick(world: World) -> World:
    """Change the election to these limits, and add a voter with a password."""
    world.dependencies = replace(world.dependencies, policy=POLICY, hasher=PlainHasher())
    world.add()
    world.with_password()
    return world


def attempt(world: World, email: str, password: str = WRONG, network: str = NETWORK, device: str | None = None) -> str:
    """Return the result of a sign-in: "in", "wrong", "slowed" or "wait"."""
    try:
        world.sessions.sign_in(email, password, Visit(network=network, language=Language.FRENCH, device=device))
    except FormErrors:
        return "wrong"
    except errors.NetworkThrottled:
        return "slowed"
    except errors.TooManySignIns:
        return "wait"
    return "in"


def spray(world: World, numbers: Iterable[int], network: str = NETWORK) -> list[str]:
    """Try a wrong password at each of these unknown addresses, and return the results."""
    return [attempt(world, f"voter{number}@ac-lumiere.example", network=network) for number in numbers]


def refused_until(world: World) -> datetime:
    """Return the time until which a slowed network is refused."""
    with pytest.raises(errors.NetworkThrottled) as told:
        world.sessions.sign_in("next@ac-lumiere.example", GOOD, Visit(network=NETWORK, language=Language.FRENCH))
    assert told.value.until is not None
    return told.value.until


def school(world: World, size: int) -> list[str]:
    """Add that many colleagues who have a password, and return their addresses."""
    emails = [f"school{number}@ac-lumiere.example" for number in range(size)]
    world.add(*map(entry, emails))
    with world.dependencies.store.write() as transaction:
        for email in emails:
            voter = transaction.voters.by_address(email)
            assert voter is not None
            transaction.voters.set_password_hash(voter.id, GOOD, epoch=voter.epoch, at=NOON)
    return emails


def checked(world: World, email: str, network: str = NETWORK) -> bool:
    """Try a wrong password at a known address. Return whether it was checked."""
    hasher = world.dependencies.hasher
    assert isinstance(hasher, PlainHasher)
    before = sum(hasher.checked)
    assert attempt(world, email, network=network) != "in"
    return sum(hasher.checked) > before


def test_guesses_at_invented_addresses_keep_no_colleague_out(any_world: World) -> None:
    """Neighbours try invented addresses all the time; each colleague's first try with the right password succeeds."""
    quick = made_quick(any_world)
    colleagues = school(quick, 2 * LIMIT)
    assert spray(quick, range(LIMIT + 4)) == ["wrong"] * LIMIT + ["slowed"] * 4
    assert refused_until(quick) == CALENDAR.to_local(NOON + GAP)

    for number, email in enumerate(colleagues):
        quick.clock.move(seconds=5)
        assert set(spray(quick, range(100 * number, 100 * number + 50))) == {"slowed"}
        assert attempt(quick, email, GOOD) == "in"


def test_a_colleague_who_mistypes_in_a_slowed_network_is_in_with_the_next_try(quick: World) -> None:
    """The wrong try gets the answer of a slowed network, and the right one after it succeeds at once."""
    spray(quick, range(3 * LIMIT))

    assert [attempt(quick, CAMILLE), attempt(quick, CAMILLE, GOOD)] == ["slowed", "in"]


AN_HOUR = 84
"""The number of addresses for which one network can have a password checked in an hour, with a try every 5 seconds."""


def test_a_spray_at_colleagues_gets_no_more_tries_for_invented_addresses(quick: World) -> None:
    """Whether or not it hides among invented addresses, an hour's spray has as many passwords checked as without them."""
    quick.dependencies = replace(quick.dependencies, policy=Policy())
    colleagues = school(quick, SCHOOL)
    for network, invented in ((NETWORK, 0), ("198.51.100.1", 60)):
        quick.clock.move(hours=2)
        spray(quick, range(invented), network=network)
        tries, left = 0, colleagues.copy()
        for _ in range(3600 // 5):
            if left and checked(quick, left[0], network):
                tries += 1
                left.pop(0)
            quick.clock.move(seconds=5)
        assert tries == AN_HOUR


def test_the_right_password_of_a_spray_beyond_its_tries_is_not_found(quick: World) -> None:
    """A network that has used up its tries at colleagues learns nothing, not even from the right password."""
    colleagues = school(quick, LIMIT + 3)
    assert [attempt(quick, email) for email in colleagues[:-2]] == ["wrong"] * LIMIT + ["slowed"]

    assert [attempt(quick, email, GOOD) for email in (colleagues[-2], colleagues[-1])] == ["slowed"] * 2
    quick.clock.at += GAP
    assert [attempt(quick, email, GOOD) for email in (colleagues[-2], colleagues[-1])] == ["in", "slowed"]


@pytest.mark.parametrize("exhausted", [False, True])
def test_a_slowed_network_learns_not_who_is_on_the_roll(quick: World, *, exhausted: bool) -> None:
    """A known and an unknown address cause the same answers, hashes, statements and number of events."""
    quick.clock.move(hours=1)
    known = school(quick, 2 * LIMIT) if exhausted else []
    spray(quick, range(LIMIT + 1))
    for email in known:
        attempt(quick, email)
    hasher, seen = quick.dependencies.hasher, []
    assert isinstance(hasher, PlainHasher)
    for email in (CAMILLE, "unknown@ac-lumiere.example"):
        before = len(hasher.checked), quick.kept.events()
        with statements(quick.kept.engine) as sent:
            answers = [attempt(quick, email) for _ in range(7)]
        tables = [re.findall(r"(?:INTO|FROM|UPDATE) (\w+)", statement) for statement in sent]
        seen.append((answers, tables, len(hasher.checked) - before[0], quick.kept.events() - before[1]))

    assert seen[0] == seen[1]
    assert seen[0][0] == ["slowed"] * 7


def test_the_gap_grows_with_the_addresses(quick: World) -> None:
    """The gap doubles with every second address on the roll, and is over with the window."""
    colleagues = school(quick, LIMIT + 7)
    gaps = []
    for email in colleagues:
        gaps.append(0)
        while not checked(quick, email):
            quick.clock.at += GAP
            gaps[-1] += 1

    assert gaps == [0] * (LIMIT + 1) + [1, 2, 2, 4, 4, 8]
    quick.clock.move(hours=1)
    assert spray(quick, range(LIMIT)) == ["wrong"] * LIMIT


def test_neighbours_share_the_count_and_others_do_not(quick: World) -> None:
    """Addresses in the same /24 (IPv4) or /64 (IPv6) network share one count."""
    ipv6 = "2001:db8:0:7::/64"
    for same, near, far in (
        ("unknown", "unknown", NETWORK),
        (NETWORK, "192.0.2.200", "192.0.3.1"),
        (ipv6, ipv6, "2001:db8:0:8::/64"),
    ):
        spray(quick, range(LIMIT + 1), network=same)
        assert spray(quick, [50], network=near) == ["slowed"]
        assert spray(quick, [50], network=far) == ["wrong"]


def test_one_address_is_one_however_often_it_is_tried(quick: World) -> None:
    """A mail address counts once for its network, however often it is tried."""
    tries = [attempt(quick, CAMILLE) for _ in range(POLICY.sign_in_tries + 1)]

    assert tries == ["wrong"] * POLICY.sign_in_tries + ["wait"]
    assert spray(quick, range(LIMIT - 1)) == ["wrong"] * (LIMIT - 1)


def test_known_and_unknown_addresses_count_alike(quick: World) -> None:
    """Known and unknown addresses count in the same way."""
    known = [f"known{number}@ac-lumiere.example" for number in range(LIMIT)]
    quick.add(*map(entry, known))

    assert [attempt(quick, email) for email in known] == ["wrong"] * LIMIT
    assert spray(quick, [1]) == ["slowed"]


def test_a_recognised_browser_is_never_slowed(quick: World) -> None:
    """A recognised browser is never slowed down."""
    mark = quick.sessions.make_recognised_browser_mark(quick.voter(), NOON)
    for email in school(quick, LIMIT + 2):
        attempt(quick, email)

    assert attempt(quick, CAMILLE, GOOD) == "slowed"
    assert [attempt(quick, CAMILLE, device=mark), attempt(quick, CAMILLE, GOOD, device=mark)] == ["wrong", "in"]


def test_who_signs_in_after_a_slip_is_taken_out_of_the_count(quick: World) -> None:
    """An address no longer counts after its voter has signed in."""
    for _ in range(3 * LIMIT):
        assert [attempt(quick, CAMILLE), attempt(quick, CAMILLE, GOOD)] == ["wrong", "in"]

    assert spray(quick, range(LIMIT + 2)) == ["wrong"] * LIMIT + ["slowed"] * 2


def test_a_school_on_its_first_morning_is_not_slowed(quick: World) -> None:
    """A school with 200 voters behind one address is not slowed down, although a tenth of them mistype."""
    quick.dependencies = replace(quick.dependencies, policy=Policy())
    voters = school(quick, SCHOOL)

    slips = [attempt(quick, email) for email in voters[::10]]
    ins = [attempt(quick, email, GOOD) for number, email in enumerate(voters) if number % 20]

    assert set(slips) == {"wrong"}
    assert set(ins) == {"in"}
    assert EventType.NETWORK_SLOWED not in {act for act, _ in quick.kept.lines()}


def test_guesses_in_parallel_share_the_count(any_world: World) -> None:
    """Of thirty-two colleagues' addresses at once the limit and one more are checked."""
    quick = made_quick(any_world)
    hasher, colleagues = quick.dependencies.hasher, school(quick, 32)
    assert isinstance(hasher, PlainHasher)
    hasher.checked.clear()
    with ThreadPoolExecutor(16) as pool:
        ends = list(pool.map(lambda email: attempt(quick, email), colleagues))

    assert (ends.count("wrong"), ends.count("slowed")) == (LIMIT, 32 - LIMIT)
    assert sum(hasher.checked) == LIMIT + 1


def test_an_alarm_is_raised_once_an_hour_for_each_network(quick: World, logged: list[MutableMapping[str, Any]]) -> None:
    """An alarm is raised at most once an hour for each network, and does not name the network."""
    before = quick.kept.events()

    for network in (NETWORK, "198.51.100.1"):
        spray(quick, range(LIMIT + 3), network=network)

    one = [("sign-in-refused", "wrong-password")] * LIMIT + [("network-slowed", None)]
    one += [("sign-in-refused", "network-slowed")] * 3
    assert quick.kept.lines()[before:] == one * 2
    for _ in range(2):
        quick.clock.move(minutes=59)
        spray(quick, range(LIMIT + 3))
    assert [act for act, _ in quick.kept.lines()].count("network-slowed") == 3
    assert logged == [{"event": "network-slowed", "level": "warning"}] * 3


def test_the_policy_may_slow_no_network(quick: World) -> None:
    """The policy can switch off the limit of networks."""
    quick.dependencies = replace(quick.dependencies, policy=replace(POLICY, sign_in_addresses_per_network=0))

    assert spray(quick, range(3 * LIMIT)) == ["wrong"] * 3 * LIMIT


def customer_networks(count: int, organisation: str = "2001:db8:1") -> list[str]:
    """Return /64 networks of one IPv6 /56, or of several /56 of one /48 if there are more than 256."""
    return [f"{organisation}:{number:x}::/64" for number in range(count)]


def test_one_ipv6_56_has_four_times_the_tries_of_one_network(any_world: World) -> None:
    """From 52 networks of one /56, 16 colleagues' passwords are checked, then one a pause; a voter's neighbour signs in."""
    quick = made_quick(any_world)
    colleagues = school(quick, 6 * LIMIT)
    networks = customer_networks(len(colleagues) + 1)

    tried = [checked(quick, email, network) for email, network in zip(colleagues, networks, strict=False)]

    assert tried == [True] * (4 * LIMIT + 1) + [False] * (2 * LIMIT - 1)
    assert attempt(quick, CAMILLE, network="2001:db8:1:100::/64") == "wrong"
    assert [act for act, _ in quick.kept.lines()].count(EventType.NETWORK_SLOWED) == 1


def test_one_ipv6_56_has_four_times_the_tries_at_one_address(quick: World) -> None:
    """An unknown browser gets 20 wrong passwords for one address from one /56, whichever of its networks it uses."""
    tries = [attempt(quick, CAMILLE, network=network) for network in customer_networks(24)]

    assert tries == ["wrong"] * 20 + ["wait"] * 4


def test_a_48_that_tries_many_addresses_is_an_alarm(quick: World) -> None:
    """When a /48 has tried sixteen times as many addresses as one network may, the board gets one alarm."""
    networks = [f"2001:db8:1:{number:x}00::/64" for number in range(16 * LIMIT + 2)]
    for number, network in enumerate(networks):
        spray(quick, [number], network)
        expected = 1 if number >= 16 * LIMIT else 0
        assert quick.kept.lines().count(("alarm", "ipv6-48-sign-ins")) == expected
