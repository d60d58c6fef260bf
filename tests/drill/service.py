"""The whole service of the drill: three database hosts, two hosts with a site and a courier, a Valkey and its replica, a mailbox, telephones."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.drill.cluster import NODES, Cluster, cluster
from tests.drill.wires import Wires, wires
from tests.support.networks import network
from tests.support.product import Inside, Installation, eventually, exchange, hosts, inside
from tests.support.valkey import ValkeyPair, valkey_pair

HOSTS = 2
BOARD = "bureau@exemple.fr"
SECONDS_TO_BE_READY = 300
SETTINGS = {
    "RETROUVE_WEB__WORKERS": "1",
    "RETROUVE_BOARD__EMAIL": BOARD,
    "RETROUVE_POLICY__CHECKPOINT_LINES": "100",
    "RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE": "10000",
    "RETROUVE_POLICY__SIGN_IN_ADDRESSES_PER_NETWORK": "0",
    "RETROUVE_THROTTLE_NETWORKS": "true",
    "RETROUVE_THROTTLE_ANSWER_MILLISECONDS": "200",
}
"""The settings of both hosts. All voters come from one network."""


@dataclass
class Service:
    """The running service. `parts` are the processes with which it began."""

    cluster: Cluster
    wires: Wires
    hosts: list[Installation]
    valkey: ValkeyPair
    inside: Inside
    parts: list[list[int]]

    @property
    def sites(self) -> list[str]:
        """Return the addresses of both sites."""
        return [host.site for host in self.hosts]

    def processes(self) -> list[list[int]]:
        """Return the ids of each host's courier and site, and of its web processes."""
        return [
            [*(host.parts[name].pid for name in ("serve", "courier")), *host.workers]
            for host in self.hosts
            if all(host.parts[name].poll() is None for name in ("serve", "courier"))
        ]

    def wait_until_whole(self) -> None:
        """Wait until every node has its part, and both sites are ready."""
        self.cluster.wait_until_whole()
        eventually(self.valkey.is_whole, "a Valkey with a replica", SECONDS_TO_BE_READY)
        for site in self.sites:
            eventually(lambda: _is_ready(site), f"a ready {site}", SECONDS_TO_BE_READY)  # noqa: B023  # run now


@contextmanager
def service(folder: Path, voters: int) -> Iterator[Service]:
    """Run the service until the end of the block. Needs root; nothing of it is seen outside its network namespaces."""
    with ExitStack() as stack:
        around = stack.enter_context(network(NODES + HOSTS))
        second = stack.enter_context(wires(around))
        databases = stack.enter_context(cluster(folder / "cluster", around.places[:NODES], second.addresses[:NODES]))
        counts = stack.enter_context(valkey_pair(around.ours))
        places = around.places[NODES:]
        made = stack.enter_context(hosts(folder / "hosts", databases.url, places=places, voters=voters))
        made[0].start("mailbox")
        made[0].start("telephone")
        for host in made:
            host.database = f"{databases.url}&target_session_attrs=read-write&connect_timeout=2"
            host.variables |= {**SETTINGS, "RETROUVE_THROTTLE_URL": counts.url}
            host.variables["RETROUVE_SMS__CALLBACK_NETWORKS"] = made[0].variables["RETROUVE_SMS__CALLBACK_NETWORKS"]
            host.start("serve", ready=False)
            host.start("courier")
        for site in (host.site for host in made):
            eventually(lambda: _is_ready(site), f"a ready {site}", SECONDS_TO_BE_READY)  # noqa: B023  # run now
        within = stack.enter_context(inside(made[0]))
        running = Service(databases, second, made, counts, within, [])
        running.parts = running.processes()
        yield running


def _is_ready(site: str) -> bool:
    try:
        return exchange(site, "GET", "/readyz", seconds=15).status == 200
    except OSError:
        return False
