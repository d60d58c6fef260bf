"""From a command to its first answer or screen, nothing running before."""

import compileall
import os
import pty
import subprocess
import termios
import time
from collections.abc import Iterator
from itertools import pairwise
from select import select
from statistics import mean, median

from bench.figures import Figure, median_figure
from bench.measured_system import MeasuredSystem
from bench.yardsticks import beside_argon2id, reference_server, time_figure, wait_for_page
from tests.support.product import RETROUVE, put_down

ROUNDS, TIMEOUT_SECONDS = 5, 60
COMPILED = ("bench", "cli", "core", "templates", "tui", "webhook")
SIGN_IN_BUTTON = b"Ouvrir la session"
"""The button of the sign-in form, which is drawn below all fields."""
ROWS_AND_COLUMNS, CHUNK = (40, 120), 1 << 16


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """`retrouve serve` between two starts of the bare application, whose mean counts, and `retrouve desk`."""
    for package in COMPILED:
        compileall.compile_dir(package, quiet=2)  # as `make install` leaves them
    system.stop("serve", "courier")
    bare, serve = [_start_bare()], []
    for _ in range(ROUNDS):
        serve.append(_start_serve(system))
        bare.append(_start_bare())
    ratios = [each / mean(pair) for each, pair in zip(serve, pairwise(bare), strict=True)]
    note = f"{median(serve):.3g} s beside {median(bare):.3g} s"
    yield median_figure("first answer", ratios, "× bare", note, most=2.5)
    yield time_figure("terminal ready", beside_argon2id(ROUNDS, lambda: (_start_desk(system),)), 55)


def _start_bare() -> float:
    began = time.perf_counter()
    with reference_server("bench.reference_server:bare_application") as (_, port):
        wait_for_page(port)
        return time.perf_counter() - began


def _start_serve(system: MeasuredSystem) -> float:
    began = time.perf_counter()
    system.installation.start("serve", ready=False)
    wait_for_page(system.port)
    seconds = time.perf_counter() - began
    system.stop("serve")
    return seconds


def _start_desk(system: MeasuredSystem) -> float:
    """Start a terminal, and wait until the last field of the first screen is drawn."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, ROWS_AND_COLUMNS)
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own command
        [*RETROUVE, "desk", "--dir", str(system.installation.folder)],
        env={**os.environ, **system.installation.variables, "TERM": "xterm-256color", "RETROUVE_LANGUAGE": "fr"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    seen = b""
    try:
        while SIGN_IN_BUTTON not in seen:
            assert select([ours], [], [], TIMEOUT_SECONDS)[0], "the terminal stays dark"
            seen += os.read(ours, CHUNK)
        return time.perf_counter() - began
    finally:
        put_down(process)
        os.close(ours)
