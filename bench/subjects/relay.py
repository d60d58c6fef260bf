"""A relay that takes 100 ms for each mail: asks must not feel it, and mails must not wait for one another.

Quick and slow rounds take turns, and their order changes from pair to pair, so that what a machine does meanwhile strikes both. The goal
has two sides: a courier that only waited would leave the processors to the asks, which would then be faster than they are.
"""

from collections.abc import Iterator

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.subjects.asks import ask
from bench.subjects.courier import mails_a_second

ROUNDS, ASKS = 6, 4_000
SLOW_SECONDS = 0.1
MAILS = 1_000


def measure(ground: Ground) -> Iterator[Figure]:
    """The ratio of each pair of rounds, then the mails of a courier alone."""
    ground.start("courier", "serve")
    ask(ground, ASKS // 4)
    ground.settle()
    ratios = [_ratio(ground, slow_first=bool(number % 2)) for number in range(ROUNDS)]
    yield Figure(
        name="asks with a relay of 100 ms, to those without",
        value=middle(ratios),
        goal=Goal(least=0.95, most=1.05),
        note=spread(ratios),
    )
    ground.stop("serve")
    ground.settle()
    ground.sink.delay(SLOW_SECONDS)
    rate, _ = mails_a_second(ground, MAILS)
    ground.sink.delay(0)
    yield Figure(name="mails through a relay of 100 ms", value=rate, unit="/s", note="10 on one connection")


def _ratio(ground: Ground, *, slow_first: bool) -> float:
    rates = {}
    for slow in (slow_first, not slow_first):
        ground.sink.delay(SLOW_SECONDS if slow else 0)
        rates[slow] = ask(ground, ASKS).rate
    ground.sink.delay(0)
    return rates[True] / rates[False]
