"""A relay that takes 100 ms for each mail: asks must not feel it.

The goal is one-sided: asks may be up to 5 % slower. Behind a slow relay the courier mostly waits, and the cores and SQLite's one
writer that it leaves free answer more asks: the ratio then stands above 1, which harms nobody.
"""

from collections.abc import Iterator

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.subjects.asks import ask

ROUNDS, ASKS = 7, 2_000
SLOW_SECONDS = 0.1


def measure(ground: Ground) -> Iterator[Figure]:
    """Rounds of asks with the slow relay and with the quick one in turn; the ratio of each pair."""
    ground.start("courier", "serve")
    ask(ground, ASKS // 4)
    ground.settle()
    ratios = []
    for _ in range(ROUNDS):
        quick = ask(ground, ASKS).rate
        ground.sink.delay(SLOW_SECONDS)
        ratios.append(ask(ground, ASKS).rate / quick)
        ground.sink.delay(0)
    yield Figure(
        name="asks with a relay of 100 ms, to those without",
        value=middle(ratios),
        goal=Goal(least=0.95),
        note=spread(ratios),
    )
