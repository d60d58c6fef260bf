"""A relay that takes 100 ms for each mail: asks must not feel it, and mails must not wait for one another.

The goal has two sides: a courier that only waited would leave the processors to the asks, which would then be faster than they are.
Five per cent are less than one round differs from the next on a busy machine, hence many of them: quick and slow ones take
turns, the order of each pair is that of the former turned round, and voters come as often as they may have links.
"""

from collections.abc import Iterator

from bench.cases import confirming, half_known
from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.load import exchange
from bench.subjects.asks import ask, requests
from bench.subjects.courier import mails_a_second
from core.policy import Policy

ROUNDS, ASKS = 18, 4_500
UNTIMED = 1_500
"""Of each round: the courier has found out by then how slow the relay is."""
SLOW_SECONDS = 0.1
MAILS = 1_000


def measure(ground: Ground) -> Iterator[Figure]:
    """The ratio of each pair of rounds, then the mails of a courier alone."""
    ground.start("courier", "serve")
    ask(ground, ASKS // 4)
    ground.settle()
    rates: dict[bool, list[float]] = {False: [], True: []}
    for number, addresses in enumerate(_addresses(ground)):
        slow = number % 4 in {1, 2}
        ground.sink.delay(SLOW_SECONDS if slow else 0)
        cases = requests(ground, confirming(ground, addresses))
        exchange(ground.installation.port, cases[:UNTIMED])
        rates[slow].append(exchange(ground.installation.port, cases[UNTIMED:]).rate)
    ground.sink.delay(0)
    ratios = [slow / quick for slow, quick in zip(rates[True], rates[False], strict=True)]
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


def _addresses(ground: Ground) -> Iterator[list[str]]:
    """Of each round."""
    links = Policy().links_alive
    for number in range(2 * ROUNDS):
        if number % links == 0:
            addresses = half_known(ground, ASKS)
        yield addresses
