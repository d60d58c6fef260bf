"""Measures a voter's whole visit up to the mailed link: three pages and forms, the courier and the relay."""

import time
from collections.abc import Iterator

from tests.bench.argon2id_yardstick import beside_argon2id, time_figure
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import visit
from tests.bench.measured_system import MeasuredSystem, cpu_seconds
from tests.bench.prepared_requests import asking_visit

ROUNDS, VISITS = 7, 300
MOST_CPU = {"sqlite": 0.45, "postgresql": 0.60}
LEAST_WAYS_A_SECOND = 60


def measure_way(system: MeasuredSystem) -> Iterator[Figure]:
    """Yield the CPU time of a whole visit, including the database server, and the mailed links per second."""
    system.start("courier", "serve")
    rounds = beside_argon2id(1 + ROUNDS, lambda: _mail_links(system))[1:]  # the first round warms up
    yield time_figure("CPU of a whole way", rounds, MOST_CPU[system.engine], which=1)
    yield median_figure("whole ways", [rate for (rate, _), _ in rounds], "/s", least=LEAST_WAYS_A_SECOND)


def _mail_links(system: MeasuredSystem) -> tuple[float, float]:
    """Return mailed links per second, and the CPU seconds of all processes per link."""
    visits = [asking_visit(system, address) for address in system.next_addresses(VISITS)]
    mails = system.servers.state.mails + VISITS
    spent, began = _cpu(system), time.perf_counter()
    visit(system.port, visits, 200, 302, 303)
    system.servers.wait_for(mails=mails)
    seconds = time.perf_counter() - began
    system.settle()
    return VISITS / seconds, (_cpu(system) - spent) / VISITS


def _cpu(system: MeasuredSystem) -> float:
    return cpu_seconds([*system.processes("serve", "courier"), *system.postgres_processes()])
