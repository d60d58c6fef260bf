"""Faults that a drill causes, how long each lasts, and how soon the service must take writes again."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.drill.cluster import Node
from tests.drill.service import Service
from tests.support.disks import fill
from tests.support.product import eventually

DEATH_SECONDS, HOST_SECONDS, SWITCHOVER_SECONDS = 15.0, 35.0, 3.0
"""The goals: writes again after PostgreSQL died, after a host was lost or cut off, and after a planned switchover."""

Heal = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """One kind. `begin` does it and returns what an operator does to end it; `hold` is how long it lasts."""

    name: str
    begin: Callable[[Service, Random], Heal]
    hold: float
    goal: float | None = None
    cut_off: tuple[int, ...] = ()
    """The hosts that do not reach the database while it lasts; the others must write again."""
    needs_operator: bool = False
    """The service waits for the operator: its time counts from there, and is over before anything else is done."""


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
    """Leave the primary the first host with a site; the others have the second."""
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
    """Stop Patroni on the machine whose disk is full, and free the disk only after another one took its part."""
    node = service.cluster.primary
    ballast = fill(node.data.parent)

    def hand_over() -> None:
        service.cluster.leave(node)
        ballast.unlink()
        node.start_patroni()

    return hand_over


def _lose_valkey(service: Service, _: Random) -> Heal:
    """Kill the primary; its replica takes its place meanwhile."""
    assert service.valkey is not None
    service.valkey.kill_primary()
    return service.valkey.start_dead


def _number(service: Service, node: Node) -> int:
    return service.cluster.nodes.index(node)


def _nothing() -> None:
    """End what ends by itself."""


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
"""The faults of the short drill, in its order."""
