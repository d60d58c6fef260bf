"""The service of the drill: hosts of the database, hosts with a site and a courier, a Valkey and its replica, a mailbox, telephones."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from core.ports import StoreUnavailable
from tests.drill.cluster import CONNECT_SECONDS, Cluster, cluster
from tests.drill.wires import Wires, wires
from tests.support.networks import network
from tests.support.product import Inside, Installation, eventually, exchange, hosts, inside
from tests.support.valkey import ValkeyPair, valkey_pair

T = TypeVar("T")
BOARD = "bureau@exemple.fr"
SECONDS_TO_BE_READY = 300
SETTINGS = {
    "RETROUVE_WEB__WORKERS": "1",
    "RETROUVE_BOARD__EMAIL": BOARD,
    "RETROUVE_POLICY__CHECKPOINT_LINES": "25",
    "RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE": "10000",
    "RETROUVE_POLICY__SIGN_IN_ADDRESSES_PER_NETWORK": "0",
    "RETROUVE_POLICY__SIGN_IN_TRIES": "1000",
    "RETROUVE_POLICY__SIGN_IN_TRIES_FROM_STRANGERS": "1000",
}
"""The settings of each host. All voters come from one network, and the judge tries every password that may be in force."""


@dataclass(frozen=True)
class Size:
    """Counts of the service's hosts, of its voters, and of those who come at once. `valkey` says whether hosts share one."""

    nodes: int
    etcds: int
    hosts: int
    voters: int
    people: int
    valkey: bool


WHOLE = Size(nodes=3, etcds=3, hosts=2, voters=700, people=4, valkey=True)
SMALL = Size(nodes=3, etcds=3, hosts=1, voters=60, people=2, valkey=False)
"""The fewest parts that go on while a host of the database is lost."""


@dataclass
class Service:
    """The running service. `parts` are the processes with which it began."""

    cluster: Cluster
    wires: Wires
    hosts: list[Installation]
    valkey: ValkeyPair | None
    inside: Inside
    parts: list[list[int]]

    @property
    def sites(self) -> list[str]:
        """Return the address of each site."""
        return [host.site for host in self.hosts]

    def processes(self) -> list[list[int]]:
        """Return the ids of each host's courier and site, and of its web processes."""
        return [
            [*(host.parts[name].pid for name in ("serve", "courier")), *host.workers]
            for host in self.hosts
            if all(host.parts[name].poll() is None for name in ("serve", "courier"))
        ]

    def insist(self, act: Callable[[], T]) -> T:
        """Return what the act returns, done again while the database does not answer."""

        def done() -> tuple[T] | None:
            with suppress(psycopg.Error, StoreUnavailable):
                return (act(),)
            return None

        return eventually(done, "an answer of the database", SECONDS_TO_BE_READY)[0]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the result of a query, in which `?` stands for a value."""
        return self.insist(lambda: self.hosts[0].rows(query, *values))

    def wait_until_whole(self) -> None:
        """Wait until every node has its part, and every site is ready."""
        self.cluster.wait_until_whole()
        if self.valkey is not None:
            eventually(self.valkey.is_whole, "a Valkey with a replica", SECONDS_TO_BE_READY)
        for site in self.sites:
            eventually(lambda: _is_ready(site), f"a ready {site}", SECONDS_TO_BE_READY)  # noqa: B023  # run now


class OneServer(Cluster):
    """A PostgreSQL of one server."""

    def wait_until_whole(self, seconds: float = 0) -> None:
        """There is nothing to wait for."""


def on_one_server(made: list[Installation], within: Inside) -> Service:
    """Return the service of those hosts, whose database is no cluster."""
    return Service(OneServer([], str(made[0].database)), Wires("", [], [], "", ""), made, None, within, [])


@contextmanager
def service(folder: Path, size: Size) -> Iterator[Service]:
    """Run the service until the end of the block. Needs root; nothing of it is seen outside its network namespaces."""
    with ExitStack() as stack:
        around = stack.enter_context(network(size.nodes + size.hosts))
        second = stack.enter_context(wires(around))
        nodes = around.places[: size.nodes], second.addresses[: size.nodes]
        databases = stack.enter_context(cluster(folder / "cluster", *nodes, size.etcds))
        counts = stack.enter_context(valkey_pair(around.ours)) if size.valkey else None
        places = around.places[size.nodes :]
        made = stack.enter_context(hosts(folder / "hosts", databases.url, places=places, voters=size.voters))
        made[0].start("mailbox")
        made[0].start("telephone")
        for host in made:
            # Only this test uses it, when no host is away.
            host.database = f"{databases.url}&target_session_attrs=read-write&connect_timeout={CONNECT_SECONDS}"
            host.variables |= SETTINGS if counts is None else {**SETTINGS, **_shared(counts)}
            host.variables["RETROUVE_SMS__CALLBACK_NETWORKS"] = made[0].variables["RETROUVE_SMS__CALLBACK_NETWORKS"]
            host.start("serve", ready=False)
            host.start("courier")
        for site in (host.site for host in made):
            eventually(lambda: _is_ready(site), f"a ready {site}", SECONDS_TO_BE_READY)  # noqa: B023  # run now
        within = stack.enter_context(inside(made[0]))
        running = Service(databases, second, made, counts, within, [])
        running.parts = running.processes()
        yield running


def _shared(counts: ValkeyPair) -> dict[str, str]:
    """Return the settings of hosts that count networks together, and wait for Valkey no longer than voters' hosts do."""
    return {
        "RETROUVE_THROTTLE_NETWORKS": "true",
        "RETROUVE_THROTTLE_URL": counts.url,
        "RETROUVE_THROTTLE_ANSWER_MILLISECONDS": "200",
    }


def _is_ready(site: str) -> bool:
    try:
        return exchange(site, "GET", "/readyz", seconds=15).status == 200
    except OSError:
        return False
