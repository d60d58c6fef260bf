"""From the command to the first answer, nothing running before."""

import time
from collections.abc import Iterator
from contextlib import suppress

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from tests.support.product import exchange

ROUNDS = 5
LOOK_SECONDS = 0.005


def measure(ground: Ground) -> Iterator[Figure]:
    """`retrouve serve` until the first page is drawn."""
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
