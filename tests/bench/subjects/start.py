"""Measures the time to the first answer of `retrouve serve`, and the memory of an idle site with its courier."""

import compileall
import time
from collections.abc import Iterator
from itertools import pairwise
from statistics import mean, median

from tests.bench.figures import Figure, median_figure
from tests.bench.measured_system import MeasuredSystem, pss_megabytes
from tests.bench.serve_reference import reference_server, wait_for_page

ROUNDS = 5
COMPILED = ("cli", "core", "templates", "webhook")
MOST_BARE_STARTS = 6
MOST_MEGABYTES = 220
SECONDS_TO_SETTLE = 3


def measure_start(system: MeasuredSystem) -> Iterator[Figure]:
    """Start the site between two starts of a bare Flask application, and divide by the mean of these two."""
    for package in COMPILED:
        compileall.compile_dir(package, quiet=2)  # as `make install` leaves them
    system.stop("serve", "courier")
    bare, serve = [_start_bare()], []
    for _ in range(ROUNDS):
        serve.append(_start_serve(system))
        bare.append(_start_bare())
    ratios = [each / mean(pair) for each, pair in zip(serve, pairwise(bare), strict=True)]
    note = f"{median(serve):.3g} s beside {median(bare):.3g} s"
    yield median_figure("first answer", ratios, "× bare", note, most=MOST_BARE_STARTS)


def _start_bare() -> float:
    began = time.perf_counter()
    with reference_server("tests.bench.reference_server:bare_application") as (_, port):
        wait_for_page(port)
        return time.perf_counter() - began


def _start_serve(system: MeasuredSystem) -> float:
    began = time.perf_counter()
    system.installation.start("serve", ready=False)
    wait_for_page(system.port)
    seconds = time.perf_counter() - began
    system.stop("serve")
    return seconds


def measure_memory(system: MeasuredSystem) -> Iterator[Figure]:
    """Add up the proportional set size (PSS) of the site's processes and the courier's, just started and idle."""
    system.stop("serve", "courier")
    system.start("serve", "courier")
    wait_for_page(system.port)
    time.sleep(SECONDS_TO_SETTLE)
    held = {part: pss_megabytes(system.processes(part)) for part in ("serve", "courier")}
    note = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in held.items())
    yield Figure(name="memory, idle", value=sum(held.values()), unit="MB", most=MOST_MEGABYTES, note=note)
    if processes := system.postgres_processes():
        yield Figure(name="memory of the database server", value=pss_megabytes(processes), unit="MB")
