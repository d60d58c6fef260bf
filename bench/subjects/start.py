"""From the command to the first answer, nothing running before."""

import compileall
import time
from collections.abc import Iterator
from contextlib import suppress

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from tests.support.product import exchange

ROUNDS = 5
COMPILED = ("cli", "core", "templates", "webhook")
LOOK_SECONDS = 0.005


def measure(ground: Ground) -> Iterator[Figure]:
    """`retrouve serve` until the first page is drawn. Compiled before, as `make install` leaves it."""
    for package in COMPILED:
        compileall.compile_dir(package, quiet=2)
    took = []
    for _ in range(ROUNDS):
        ground.stop("serve", "courier")
        began = time.perf_counter()
        ground.installation.start("serve", ready=False)
        while not _answers(ground):
            time.sleep(LOOK_SECONDS)
        took.append(time.perf_counter() - began)
    yield Figure(
        name="first answer from a cold start", value=middle(took), unit="s", goal=Goal(most=1.5), note=spread(took)
    )


def _answers(ground: Ground) -> bool:
    with suppress(OSError):
        return exchange(ground.installation.site, "GET", "/").status == 200
    return False
