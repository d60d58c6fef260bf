"""The courier alone: asks of voters wait, and it decides, writes and sends."""

import time
from collections.abc import Iterator

from bench.cases import asked
from bench.cost import cpu_seconds
from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from tests.support.product import eventually

ROUNDS, MAILS = 3, 3_000
PATIENCE_SECONDS = 120


def measure(ground: Ground) -> Iterator[Figure]:
    """From the first mail that reaches the sink to the last."""
    ground.start("courier")
    ground.settle()
    rates, costs = [], []
    for _ in range(ROUNDS):
        ground.stop("courier")
        asked(ground, ground.next_known(MAILS))
        before = ground.sink.count
        ground.start("courier")
        eventually(lambda: ground.sink.count > before, "a first mail", PATIENCE_SECONDS)  # noqa: B023  # called at once
        first, began, spent = ground.sink.count, time.perf_counter(), cpu_seconds(ground.processes("courier"))
        eventually(lambda: ground.sink.count == before + MAILS, "the last mail", PATIENCE_SECONDS)  # noqa: B023  # likewise
        left = before + MAILS - first
        rates.append(left / (time.perf_counter() - began))
        costs.append((cpu_seconds(ground.processes("courier")) - spent) / left * 1000)
    yield Figure(name="mails", value=middle(rates), unit="/s", goal=Goal(least=500), note=spread(rates))
    yield Figure(name="CPU of the courier a mail", value=middle(costs), unit="ms", note=spread(costs))
