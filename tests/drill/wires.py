"""A second network, on which hosts reach the database. Hosts can be cut off from it without notice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.networks import Network, ip
from tests.support.product import Place


@dataclass
class Wires:
    """The second network of some hosts: the address of each host in order, and the bridge to which it is connected."""

    ours: str
    addresses: list[str]
    ports: list[str]
    whole: str
    apart: str
    cut: set[int] = field(default_factory=set)

    def cut_off(self, hosts: Sequence[int]) -> None:
        """Connect some hosts to a bridge of their own. They reach each other, but no other host."""
        for host in hosts:
            ip("link", "set", self.ports[host], "master", self.apart)
            self.cut.add(host)

    def heal(self) -> None:
        """Connect all hosts to one bridge again."""
        for host in sorted(self.cut):
            ip("link", "set", self.ports[host], "master", self.whole)
        self.cut.clear()


@contextmanager
def wires(around: Network) -> Iterator[Wires]:
    """Connect the hosts of a network by a second network, in which the test has the address `ours`."""
    number = around.ours.split(".")[2]
    subnet = f"10.214.{number}"
    made = Wires(f"{subnet}.1", [], [], "whole", "apart")
    for bridge in (made.whole, made.apart):
        ip("link", "add", bridge, "type", "bridge")
        ip("link", "set", bridge, "up")
    ip("address", "add", f"{made.ours}/24", "dev", made.whole)
    for each, place in enumerate(around.places):
        made.ports.append(f"wire{each}")
        made.addresses.append(f"{subnet}.{10 + each}")
        _plug_in(place, made.ports[-1], made.whole, made.addresses[-1])
    yield made


def _plug_in(place: Place, port: str, bridge: str, address: str) -> None:
    name = place.inside[-1]
    ip("link", "add", port, "type", "veth", "peer", "name", "eth1", "netns", name)
    ip("link", "set", port, "master", bridge, "up")
    ip("-n", name, "address", "add", f"{address}/24", "dev", "eth1")
    ip("-n", name, "link", "set", "eth1", "up")
