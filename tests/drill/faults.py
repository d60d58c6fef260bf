"""The faults that a drill causes, how long each lasts, and how soon the service must accept writes again."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.drill.cluster import Node
from tests.drill.service import Service
from tests.support.disks import fill
from tests.support.product import eventually

DEATH_SECONDS, HOST_SECONDS, SWITCHOVER_SECONDS = 15.0, 35.0, 3.0
"""Goals: seconds until writes succeed after the death of PostgreSQL, the loss of a host, and a planned switchover."""

Heal = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    `begin` causes the fault, and returns the function with which an operator ends it. `hold` is how long it lasts.
    """

    name: str
    begin: Callable[[Service, Random], Heal]
    hold: float
    goal: float | None = None
    cut_off: tuple[int, ...] = ()
    """Numbers of the hosts that cannot reach the database during the fault. The other hosts must write again."""
    needs_operator: bool = False
    """Whether only an operator can end the outage. Its duration is then measured from the operator's action."""


def _kill_primary(service: Service, _: Random) -> Heal:
    service.cluster.primary.signal_postgres(signal.SIGKILL)
    return _nothing


def _stop_primary(service: Service, _: Random) -> Heal:
    node = service.cluster.primary
    node.signal_postgres(signal.SIGSTOP)
    return lambda: node.signal_postgres(signal.SIGCONT)


def _lose_primary(service: Service, _: Random) -> Heal:
    service.wires.cut_off([_number(service, service.cluster.primary)])
    return service.wires.heal


def _lose_standby(service: Service, _: Random) -> Heal:
    node = eventually(lambda: service.cluster.with_role("sync_standby"), "a synchronous standby")
    service.wires.cut_off([_number(service, node)])
    return service.wires.heal


def _isolate_with_clients(service: Service, _: Random) -> Heal:
    """Cut off the primary together with the first host that has a site. The second host is with the other nodes."""
    service.wires.cut_off([_number(service, service.cluster.primary), len(service.cluster.nodes)])
    return service.wires.heal


def _lose_etcd(service: Service, chance: Random) -> Heal:
    node = chance.choice(service.cluster.nodes)
    node.kill("etcd")
    return node.start_etcd


def _lose_all_etcd(service: Service, _: Random) -> Heal:
    for node in service.cluster.nodes:
        node.kill("etcd")

    def again() -> None:
        for node in service.cluster.nodes:
            node.start_etcd()

    return again


def _switch_over(service: Service, _: Random) -> Heal:
    service.cluster.switch_over()
    return _nothing


def _fill_disk(service: Service, _: Random) -> Heal:
    return fill(service.cluster.primary.data.parent).unlink


def _leave_full_disk(service: Service, _: Random) -> Heal:
    """Fill the disk of the primary.

    To end the fault, stop Patroni on this node, and free the disk when another node has become the primary.
    """
    node = service.cluster.primary
    ballast = fill(node.data.parent)

    def hand_over() -> None:
        service.cluster.leave(node)
        ballast.unlink()
        node.start_patroni()

    return hand_over


def _lose_valkey(service: Service, _: Random) -> Heal:
    """Kill the primary Valkey server. Its replica then becomes the primary."""
    assert service.valkey is not None
    service.valkey.kill_primary()
    return service.valkey.start_dead


def _number(service: Service, node: Node) -> int:
    return service.cluster.nodes.index(node)


def _nothing() -> None:
    """Do nothing, because the fault ends by itself."""


SWITCHOVER = Fault("planned switchover", _switch_over, 10, SWITCHOVER_SECONDS)
KILLED = Fault("SIGKILL of the primary", _kill_primary, 20, DEATH_SECONDS)
LOST = Fault("host of the primary gone", _lose_primary, 45, HOST_SECONDS)
FULL = Fault("full disk of the primary, freed", _fill_disk, 20, DEATH_SECONDS, needs_operator=True)
FAULTS = (
    KILLED,
    LOST,
    Fault("host of the standby gone", _lose_standby, 45, HOST_SECONDS),
    Fault("primary cut off with a host", _isolate_with_clients, 45, HOST_SECONDS, cut_off=(0,)),
    Fault("one etcd lost", _lose_etcd, 20),
    Fault("all etcd lost", _lose_all_etcd, 35),
    Fault("SIGSTOP of the primary", _stop_primary, 45, HOST_SECONDS),
    SWITCHOVER,
    FULL,
    Fault("full disk of the primary, handed over", _leave_full_disk, 20, DEATH_SECONDS, needs_operator=True),
    Fault("primary of Valkey lost", _lose_valkey, 10),
)
SHORT = (KILLED, FULL, LOST, SWITCHOVER)
"""Faults of the short drill, in order."""
