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
    """Of each round, from the first mail that reaches the sink to the last."""
    ground.start("courier")
    ground.settle()
    rounds = [mails_a_second(ground, MAILS) for _ in range(ROUNDS)]
    rates, costs = [rate for rate, _ in rounds], [cost for _, cost in rounds]
    yield Figure(name="mails", value=middle(rates), unit="/s", goal=Goal(least=500), note=spread(rates))
    yield Figure(name="CPU of the courier a mail", value=middle(costs), unit="ms", note=spread(costs))


def mails_a_second(ground: Ground, mails: int) -> tuple[float, float]:
    """The rate of a courier that finds so many asks, and the milliseconds of CPU that each of its mails took."""
    ground.stop("courier")
    asked(ground, ground.next_known(mails))
    before = ground.sink.count
    ground.start("courier")
    eventually(lambda: ground.sink.count > before, "a first mail", PATIENCE_SECONDS)
    first, began, spent = ground.sink.count, time.perf_counter(), cpu_seconds(ground.processes("courier"))
    eventually(lambda: ground.sink.count == before + mails, "the last mail", PATIENCE_SECONDS)
    left = before + mails - first
    return left / (time.perf_counter() - began), (cpu_seconds(ground.processes("courier")) - spent) / left * 1000
