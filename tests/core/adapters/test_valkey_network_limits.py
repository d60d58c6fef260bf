"""Hosts count the requests of each network together in a real Valkey, which may fail and recover."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from valkey import Valkey as Client

from cli.checks.network_services import check_shared_limits
from core.adapters.valkey_network_limits import PAUSE_SECONDS, ValkeyNetworkLimits, lazily_connecting_valkey_storage
from core.ports import ProcessMeasurements, Store
from core.text.text import Language
from core.text.translation import translate
from tests.support.election import NETWORK, dependencies
from tests.support.product import eventually, in_parallel
from tests.support.valkey import ANSWER_SECONDS, Valkey, valkey, valkey_pair
from tests.support.worlds import sample_settings

LIMIT = 3


@dataclass
class Counted(ProcessMeasurements):
    """Counts the failures of Valkey, and is a clock that the test moves."""

    troubles: int = 0
    at: float = 1000.0

    def count_network_store_failure(self) -> None:
        self.troubles += 1

    def seconds(self) -> float:
        return self.at


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A running Valkey server."""
    with valkey() as started:
        started.start()
        yield started


@pytest.fixture
def counted() -> Counted:
    return Counted()


def buckets(url: str, counted: Counted, store: Store, wait: float = ANSWER_SECONDS) -> ValkeyNetworkLimits:
    """Return the limits of one process, which by default waits for slow answers of Valkey."""
    storage = lazily_connecting_valkey_storage(url, wait)
    return ValkeyNetworkLimits(storage, LIMIT, dependencies(store).vault, counted, seconds=counted.seconds)


def answers(of: ValkeyNetworkLimits, count: int, network: str = NETWORK) -> list[bool]:
    """Return the answers to a number of requests."""
    return [of.admit(network) for _ in range(count)]


@pytest.fixture
def one(server: Valkey, counted: Counted, store: Store) -> ValkeyNetworkLimits:
    """The limits of one host."""
    return buckets(server.url, counted, store)


# One kind of store is enough, because nothing is stored.
pytestmark = pytest.mark.parametrize("kept", ["sqlite"], indirect=True)


def test_two_hosts_share_one_count(server: Valkey, one: ValkeyNetworkLimits, counted: Counted, store: Store) -> None:
    """Two hosts count the requests of a network together. The keys in Valkey expire and do not contain the network."""
    other = buckets(server.url, counted, store)

    assert [one.admit(NETWORK), other.admit(NETWORK), one.admit(NETWORK)] == [True] * LIMIT
    assert not other.admit(NETWORK)
    assert not one.admit(NETWORK)
    assert other.admit("198.51.100.7")
    assert counted.troubles == 0

    with Client(port=server.port) as client:
        keys = client.keys()
        assert len(keys) == 2
        for key in keys:
            assert NETWORK.encode() not in key
            assert 0 < client.ttl(key) <= 60


def test_without_the_server_a_process_counts_alone_until_it_is_back(
    server: Valkey, one: ValkeyNetworkLimits, counted: Counted, logged: list[MutableMapping[str, Any]]
) -> None:
    """Without Valkey, each process counts for itself. The log says so once, and again when Valkey is back."""
    assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]

    server.kill()
    for network in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
        assert answers(one, LIMIT + 1, network) == [True] * LIMIT + [False]
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


def test_a_restart_between_two_requests_is_not_noticed(
    server: Valkey, one: ValkeyNetworkLimits, counted: Counted
) -> None:
    """A restart of Valkey between two requests causes no failure."""
    assert one.admit(NETWORK)
    server.kill()
    server.start()

    assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]
    assert counted.troubles == 0


def test_a_hanging_server_delays_one_request_in_each_pause(
    server: Valkey, counted: Counted, store: Store, logged: list[MutableMapping[str, Any]]
) -> None:
    """While Valkey hangs, only one request is delayed in each pause."""
    one = buckets(server.url, counted, store, wait=0.2)
    server.freeze()

    assert answers(one, 10).count(True) == LIMIT
    assert counted.troubles == 1
    counted.at += PAUSE_SECONDS
    assert all(in_parallel(lambda number: one.admit(f"198.51.100.{number}"), 8))
    assert counted.troubles == 2
    assert [line["reason"] for line in logged] == ["TimeoutError"]


def test_a_server_that_refuses_to_count_is_done_without(
    server: Valkey, one: ValkeyNetworkLimits, counted: Counted, logged: list[MutableMapping[str, Any]]
) -> None:
    """If Valkey refuses the password, requests are still answered."""
    with Client(port=server.port) as client:
        client.config_set("requirepass", "s3cret")
    assert all(answers(one, LIMIT))

    assert counted.troubles == 1
    assert [line["reason"] for line in logged] == ["AuthenticationError"]


def test_a_server_that_answers_nonsense_is_done_without(counted: Counted, store: Store) -> None:
    """If another server answers at Valkey's address, each process counts for itself."""
    for answer in (b"+OK\r\n", b"_\r\n", b"*1\r\n+OK\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\r\n"):

        class Nonsense(BaseRequestHandler):
            said = answer

            def handle(self) -> None:
                while self.request.recv(65536):
                    self.request.sendall(self.said)

        with ThreadingTCPServer(("127.0.0.1", 0), Nonsense) as server:
            server.daemon_threads, server.block_on_close = True, False
            Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            of = buckets(f"valkey://127.0.0.1:{server.server_address[1]}/0", counted, store)
            found = answers(of, LIMIT + 1)
            server.shutdown()
        assert found == [True] * LIMIT + [False], answer


def test_a_site_starts_without_the_server(counted: Counted, store: Store) -> None:
    """A site can start without Valkey, and uses it once it runs."""
    with valkey() as server:
        one = buckets(server.url, counted, store)
        assert all(answers(one, LIMIT))
        server.start()
        counted.at += PAUSE_SECONDS
        assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]


def test_a_replica_takes_the_place_of_a_dead_server(counted: Counted, store: Store) -> None:
    """With the files in deploy/valkey, a replica takes over when the primary dies. Doctor reports what is missing."""
    with valkey_pair(dead_after_ms=20_000) as pair:  # a busy machine may pause a server for seconds
        one = buckets(pair.url, counted, store)
        assert answers(one, LIMIT + 1) == [True] * LIMIT + [False]
        assert doctor_says(pair.url).startswith("bon")

        pair.kill_primary()

        assert answers(one, 1, "198.51.100.6") == [True]

        def counts_again() -> bool:
            failures = counted.troubles
            counted.at += PAUSE_SECONDS
            one.admit("198.51.100.7")
            return counted.troubles == failures

        eventually(counts_again, "a replica that counts")
        assert "n'a pas de réplique" in doctor_says(pair.url)
        pair.start_dead()
        eventually(pair.is_whole, "a replica again")
        pair.kill(pair.sentinels[1])
        assert f"127.0.0.1:{pair.sentinels[1]}" in doctor_says(pair.url)


def doctor_says(url: str) -> str:
    """Return the line of `retrouve doctor` about this Valkey address."""
    (check,) = check_shared_limits(sample_settings().model_copy(update={"throttle_url": url}))
    return translate(check.sentence(), Language.FRENCH)
