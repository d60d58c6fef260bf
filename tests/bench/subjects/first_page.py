"""The first page while passwords are scored and hashed, beside the same page while nobody else is there.

A round is one wave of simultaneous posts; visitors come for the first page until all of them are answered.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from time import perf_counter, sleep

from core.flows.password.definition import SLOW_TO_SCORE
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import page, send
from tests.bench.measured_system import MeasuredSystem, pss_megabytes
from tests.bench.prepared_requests import (
    IDENTIFY_PATH,
    link_pages,
    new_password_forms,
    unknown_address,
    wrong_sign_in_forms,
)

ROUNDS, PASSWORDS, SIGN_INS = 5, 16, 64
VISITORS, INTERVAL_SECONDS = 200, 0.01
MOST = 3.0
REFUSED = (422, 503)


def measure_first_page(system: MeasuredSystem) -> Iterator[Figure]:
    """The 95th percentile of the page's times under load, as a multiple of the idle one; then the memory."""
    system.start("courier")
    system.stop("serve")
    system.installation.start("serve", RETROUVE_POLICY__PRESET="2026")
    for wave in (_worst_passwords, _unknown_sign_ins):
        _round(system, wave(system))  # what is drawn for the first time takes longer
    yield _figure(system, f"first page under {PASSWORDS} worst passwords", _worst_passwords)
    yield _figure(system, f"first page under {SIGN_INS} sign-ins", _unknown_sign_ins)
    held = pss_megabytes(system.processes("serve", "courier"))
    yield Figure(name="memory of all processes, passwords scored", value=held, unit="MB", most=450)
    system.stop("serve")


def _figure(system: MeasuredSystem, name: str, wave: Callable[[MeasuredSystem], Sequence[bytes]]) -> Figure:
    rounds = [_round(system, wave(system)) for _ in range(ROUNDS)]
    idle, busy, took = (median(each[which] for each in rounds) for which in range(3))
    note = f"p95 {busy * 1000:.3g} ms beside {idle * 1000:.3g} ms; a wave takes {took:.2g} s"
    return median_figure(name, [busy / idle for idle, busy, _ in rounds], "× idle", note, most=MOST)


def _round(system: MeasuredSystem, posts: Sequence[bytes]) -> tuple[float, float, float]:
    """The page's 95th percentile without and with the posts, and how long these take."""
    idle = _page_times(system, lambda times: len(times) == VISITORS)
    with ThreadPoolExecutor(1) as other:
        wave = other.submit(send, system.port, posts, *REFUSED, connections=len(posts))
        busy = _page_times(system, lambda _: wave.done())
    return _p95(idle), _p95(busy), wave.result().seconds


def _page_times(system: MeasuredSystem, enough: Callable[[list[float]], bool]) -> list[float]:
    """Return how long each visitor waits for the first page. Visitors come at a fixed interval, even while earlier ones wait."""
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


def _worst_passwords(system: MeasuredSystem) -> list[bytes]:
    """A worst password for each of as many voters, whose links are open."""
    opened = send(system.port, link_pages(system, PASSWORDS), 303)
    return new_password_forms(system, opened.cookies, SLOW_TO_SCORE)


def _unknown_sign_ins(system: MeasuredSystem) -> list[bytes]:
    return wrong_sign_in_forms(system, [unknown_address() for _ in range(SIGN_INS)])
