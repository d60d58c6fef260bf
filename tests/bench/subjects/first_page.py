"""Measures the first page while 64 sign-ins wait for their password hashes, compared with an idle site.

A round is one wave of simultaneous posts. Visitors request the first page until all posts are answered.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from time import perf_counter, sleep

from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import page, send
from tests.bench.measured_system import MeasuredSystem
from tests.bench.prepared_requests import IDENTIFY_PATH, unknown_address, wrong_sign_in_forms

ROUNDS, SIGN_INS = 5, 64
VISITORS, INTERVAL_SECONDS = 200, 0.01
MOST_MILLISECONDS = 100
REFUSED = (422, 503)


def measure_first_page(system: MeasuredSystem) -> Iterator[Figure]:
    """Yield the 95th percentile of the page's times under load."""
    system.start("courier", "serve")
    _round(system)  # warms up
    rounds = [_round(system) for _ in range(ROUNDS)]
    idle, took = (median(each[which] for each in rounds) for which in (0, 2))
    note = f"{idle * 1000:.3g} ms idle; a wave takes {took:.2g} s"
    busy = [each[1] * 1000 for each in rounds]
    yield median_figure(f"first page while {SIGN_INS} sign-ins wait", busy, "ms", note, most=MOST_MILLISECONDS)


def _round(system: MeasuredSystem) -> tuple[float, float, float]:
    """Return in seconds: the page's 95th percentile without and with the posts, and the duration of the posts."""
    posts = wrong_sign_in_forms(system, [unknown_address() for _ in range(SIGN_INS)])
    idle = _page_times(system, lambda times: len(times) == VISITORS)
    with ThreadPoolExecutor(1) as other:
        wave = other.submit(send, system.port, posts, *REFUSED, connections=len(posts))
        busy = _page_times(system, lambda _: wave.done())
    return _p95(idle), _p95(busy), wave.result().seconds


def _page_times(system: MeasuredSystem, enough: Callable[[list[float]], bool]) -> list[float]:
    """Return each visitor's waiting time. Visitors come at a fixed interval, even while earlier visitors wait."""
    times: list[float] = []
    due = perf_counter()
    while not enough(times):
        sleep(max(0, due - perf_counter()))
        send(system.port, [page(system.port, IDENTIFY_PATH)], 200)
        times.append(perf_counter() - due)
        due += INTERVAL_SECONDS
    return times


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]
