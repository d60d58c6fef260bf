"""The courier alone: it finds asks that wait, decides, composes and sends."""

import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.seed_data import waiting_asks
from bench.yardsticks import beside_argon2id, rate_figure

ROUNDS, MAILS = 5, 1_500


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Mails a second, from the first that reaches the relay to the last."""
    system.start("courier")
    system.settle()
    system.stop("serve")
    yield rate_figure("mails", beside_argon2id(ROUNDS, lambda: send_mails(system, MAILS)), 5)


def send_mails(system: MeasuredSystem, number: int) -> tuple[float]:
    """Mails a second of a courier that finds so many asks."""
    system.stop("courier")
    waiting_asks(system, system.next_addresses(number))
    last = system.servers.state.mails + number
    system.start("courier")
    system.servers.wait_for(mails=last - number + 1)
    left, began = last - system.servers.state.mails, time.perf_counter()
    system.servers.wait_for(mails=last)
    rate = left / (time.perf_counter() - began)
    system.settle()
    return (rate,)
