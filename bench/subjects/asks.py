"""The MP-3 POST, with everything at work: how many a second, what one costs, and how far behind the courier falls."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlencode

from bench.cases import FLOW, confirming, half_known
from bench.cost import cpu_seconds
from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.load import Exchanged, exchange, request

ROUNDS, ASKS = 5, 4_000
PATH = f"/{FLOW.flow.slug}/{FLOW.confirm.slug}"
PARTS = ("serve", "courier")


def measure(ground: Ground) -> Iterator[Figure]:
    """At concurrency 8, half of the addresses known; the courier decides and sends meanwhile."""
    ground.start("courier", "serve")
    ask(ground, ASKS // 4)
    ground.settle()
    rates: list[float] = []
    costs: dict[str, list[float]] = {part: [] for part in PARTS}
    for _ in range(ROUNDS):
        before = {part: cpu_seconds(ground.processes(part)) for part in PARTS}
        exchanged = ask(ground, ASKS)
        rates.append(exchanged.rate)
        for part in PARTS:
            costs[part].append((cpu_seconds(ground.processes(part)) - before[part]) / ASKS * 1000)
    yield Figure(name="asks", value=middle(rates), unit="/s", goal=Goal(least=1_500), note=spread(rates))
    for part in PARTS:
        yield Figure(name=f"CPU of {part} an ask", value=middle(costs[part]), unit="ms", note=spread(costs[part]))
    note = f"of {ROUNDS * ASKS:,} asks"
    yield Figure(name="courier's backlog after the asks", value=ground.backlog, note=note)


def ask(ground: Ground, number: int) -> Exchanged:
    """So many fresh cases ask."""
    asks = requests(ground, confirming(ground, half_known(ground, number)))
    exchanged = exchange(ground.installation.port, asks)
    exchanged.require(HTTPStatus.SEE_OTHER)
    return exchanged


def requests(ground: Ground, handles: list[str]) -> list[bytes]:
    """What the browsers with those cases send."""
    form = urlencode({"choice": ""})
    return [request("POST", PATH, ground.host, cookies=f"case={handle}", form=form) for handle in handles]
