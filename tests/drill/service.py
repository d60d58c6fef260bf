"""The service of a drill: database hosts, hosts with a site and a courier, Valkey servers, a mailbox and telephones."""

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
"""Settings of each host. All voters come from one network, and the judge tries every password that may be in force."""


@dataclass(frozen=True)
class Size:
    """The number of hosts of the service, of its voters, and of voters who come at the same time.

    `valkey` says whether the hosts share a Valkey server.
    """

    nodes: int
    etcds: int
    hosts: int
    voters: int
    people: int
    valkey: bool


WHOLE = Size(nodes=3, etcds=3, hosts=2, voters=700, people=4, valkey=True)
SMALL = Size(nodes=3, etcds=3, hosts=1, voters=60, people=2, valkey=False)
"""The smallest service that continues when a database host is lost."""


@dataclass
class Service:
    """The running service. `parts` are the processes that were running when the drill began."""

    cluster: Cluster
    wires: Wires
    hosts: list[Installation]
    valkey: ValkeyPair | None
    inside: Inside
    parts: list[list[int]]

    @property
    def sites(self) -> list[str]:
        """Addresses of the sites."""
        return [host.site for host in self.hosts]

    def processes(self) -> list[list[int]]:
        """Return the process ids of each host's courier, site and web processes."""
        return [
            [*(host.parts[name].pid for name in ("serve", "courier")), *host.workers]
            for host in self.hosts
            if all(host.parts[name].poll() is None for name in ("serve", "courier"))
        ]

    def insist(self, act: Callable[[], T]) -> T:
        """Call a function until the database answers, and return the function's result."""

        def done() -> tuple[T] | None:
            with suppress(psycopg.Error, StoreUnavailable):
                return (act(),)
            return None

        return eventually(done, "an answer of the database", SECONDS_TO_BE_READY)[0]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a database query, which has `?` as placeholders."""
        return self.insist(lambda: self.hosts[0].rows(query, *values))

    def wait_until_whole(self) -> None:
        """Wait until every database host has its role and every site is ready."""
        self.cluster.wait_until_whole()
        if self.valkey is not None:
            eventually(self.valkey.is_whole, "a Valkey with a replica", SECONDS_TO_BE_READY)
        for site in self.sites:
            eventually(lambda: _is_ready(site), f"a ready {site}", SECONDS_TO_BE_READY)  # noqa: B023  # run now


class OneServer(Cluster):
    """A database on one server instead of a cluster."""

    def wait_until_whole(self, seconds: float = 0) -> None:
        """Do nothing, because a single server has no roles."""


def on_one_server(made: list[Installation], within: Inside) -> Service:
    """Return a service of the given hosts, whose database is not a cluster."""
    return Service(OneServer([], str(made[0].database)), Wires("", [], [], "", ""), made, None, within, [])


@contextmanager
def service(folder: Path, size: Size) -> Iterator[Service]:
    """Run the service until the end of the block, in network namespaces of its own. Needs root."""
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
    """Return the settings of hosts that share the limits of networks. They wait for Valkey as long as in production."""
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
