"""Measures the courier's mails and new passwords."""

import time
from collections.abc import Iterator

from tests.bench.argon2id_yardstick import beside_argon2id, rate_figure
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import send
from tests.bench.measured_system import MeasuredSystem
from tests.bench.prepared_requests import link_pages, new_password_forms, waiting_asks

ROUNDS, CHANGES, MAILS = 5, 100, 1_000
LEAST_MAILS_A_SECOND = 60


def measure_changes(system: MeasuredSystem) -> Iterator[Figure]:
    """Measure new passwords (MP-6), with one argon2id hash each, while the courier sends the notices."""
    system.start("courier", "serve")
    _change(system)
    yield rate_figure("changes", beside_argon2id(ROUNDS, lambda: _change(system)))


def _change(system: MeasuredSystem) -> tuple[float]:
    opened = send(system.port, link_pages(system, CHANGES), 303)
    system.settle()
    changed = send(system.port, new_password_forms(system, opened.cookies), 303)
    system.settle()
    return (changed.rate,)


def measure_mails(system: MeasuredSystem) -> Iterator[Figure]:
    """Measure a courier with many waiting requests, from the first mail at the relay to the last."""
    system.start("courier")
    system.settle()
    system.stop("serve")
    yield median_figure("mails", [_send_mails(system) for _ in range(ROUNDS)], "/s", least=LEAST_MAILS_A_SECOND)


def _send_mails(system: MeasuredSystem) -> float:
    system.stop("courier")
    waiting_asks(system, system.next_addresses(MAILS))
    last = system.servers.state.mails + MAILS
    system.start("courier")
    system.servers.wait_for(mails=last - MAILS + 1)
    left, began = last - system.servers.state.mails, time.perf_counter()
    system.servers.wait_for(mails=last)
    rate = left / (time.perf_counter() - began)
    system.settle()
    return rate
