"""The per-network buckets that hosts share, on a real Valkey that dies, hangs and comes back."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from valkey import Valkey as Client

from core.adapters.throttle import PAUSE_SECONDS, SharedBuckets
from core.ports import HashWork, Store
from tests.support.election import NETWORK, tools
from tests.support.product import together
from tests.support.valkey import Valkey, valkey

LIMIT = 3


@dataclass
class Counted:
    """The port Measures, and a clock of seconds that one moves by hand."""

    troubles: int = 0
    at: float = 1000.0
    pages: list[str] = field(default_factory=list)

    def hashed(self, work: HashWork, seconds: float) -> None:
        """Not here."""

    def refused(self, reason: str) -> None:
        """Not here."""

    def networks_uncounted(self) -> None:
        """One more."""
        self.troubles += 1

    def seconds(self) -> float:
        """Where it was last put."""
        return self.at


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A running one."""
    with valkey() as started:
        started.start()
        yield started


@pytest.fixture
def counted() -> Counted:
    """What is counted, and when."""
    return Counted()


def buckets(server: Valkey, counted: Counted, store: Store) -> SharedBuckets:
    """Those of one process."""
    return SharedBuckets(server.url, LIMIT, tools(store).vault, counted, seconds=counted.seconds)


def answers(of: SharedBuckets, count: int, network: str = NETWORK) -> list[bool]:
    """What that many requests are told."""
    return [of.admit(network) for _ in range(count)]


@pytest.fixture
def one(server: Valkey, counted: Counted, store: Store) -> SharedBuckets:
    """The buckets of one host."""
    return buckets(server, counted, store)


# The stores play no part here: one is enough.
pytestmark = pytest.mark.parametrize("kept", ["memory"], indirect=True)


def test_two_hosts_share_one_count(server: Valkey, one: SharedBuckets, counted: Counted, store: Store) -> None:
    """A network is counted wherever it comes in; another one is not touched by it."""
    other = buckets(server, counted, store)

    assert [one.admit(NETWORK), other.admit(NETWORK), one.admit(NETWORK)] == [True] * LIMIT
    assert not other.admit(NETWORK)
    assert not one.admit(NETWORK)
    assert other.admit("198.51.100.7")
    assert counted.troubles == 0


def test_what_is_kept_names_no_network_and_ends(server: Valkey, one: SharedBuckets) -> None:
    """A keyed digest, for a minute."""
    one.admit(NETWORK)

    with Client(port=server.port) as client:
        (key,) = client.keys()
        assert NETWORK.encode() not in key
        assert 0 < client.ttl(key) <= 60


def test_a_dead_server_stops_nobody_and_counts_again_when_it_is_back(
    server: Valkey, one: SharedBuckets, counted: Counted, logged: list[MutableMapping[str, Any]]
) -> None:
    """Whoever comes meanwhile is admitted; it is logged once, counted at each try, and needs no restart of ours."""
    assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]

    server.kill()
    for _ in range(3):
        assert all(answers(one, 2 * LIMIT))
        counted.at += PAUSE_SECONDS

    assert counted.troubles == 3
    assert [line["event"] for line in logged] == ["networks-uncounted"]
    assert logged[0]["reason"] == "ConnectionError"

    server.start()
    assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]
    assert [line["event"] for line in logged] == ["networks-uncounted", "networks-counted-again"]
    server.kill()
    assert one.admit(NETWORK)
    assert logged[-1]["event"] == "networks-uncounted"


def test_a_restart_between_two_requests_is_not_noticed(server: Valkey, one: SharedBuckets, counted: Counted) -> None:
    """The connection left over is replaced, not believed."""
    assert one.admit(NETWORK)
    server.kill()
    server.start()

    assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]
    assert counted.troubles == 0


def test_a_hanging_server_is_asked_by_one_request_a_pause(
    server: Valkey, one: SharedBuckets, counted: Counted, logged: list[MutableMapping[str, Any]]
) -> None:
    """The others do not wait with it."""
    assert one.admit(NETWORK)
    server.freeze()

    assert all(answers(one, 10))
    assert counted.troubles == 1
    counted.at += PAUSE_SECONDS
    assert all(together(lambda _: one.admit(NETWORK), 8))
    assert counted.troubles == 2
    assert [line["reason"] for line in logged] == ["TimeoutError"]


def test_a_server_that_refuses_to_count_stops_nobody(
    server: Valkey, one: SharedBuckets, counted: Counted, logged: list[MutableMapping[str, Any]]
) -> None:
    """One that is full, or wants a password that we were not given."""
    with Client(port=server.port) as client:
        client.config_set("requirepass", "s3cret")
    assert all(answers(one, 2 * LIMIT))

    assert counted.troubles == 1
    assert [line["reason"] for line in logged] == ["AuthenticationError"]


def test_a_site_starts_without_it(counted: Counted, store: Store) -> None:
    """And begins to count when it comes."""
    with valkey() as server:
        one = buckets(server, counted, store)
        assert all(answers(one, 2 * LIMIT))
        server.start()
        counted.at += PAUSE_SECONDS
        assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]
