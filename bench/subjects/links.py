"""A link's pages: its first opening, which is written down; opening it again; and the page that its address leads to."""

from collections.abc import Iterator

from bench.cases import FLOW, linked, pocket
from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.load import exchange, request
from core.places import LINK_PATH

ROUNDS, LINKS = 5, 2_000
AGAIN = 2
GOAL = Goal(least=2_000)
PATH = f"/{FLOW.flow.slug}/{FLOW.choose_password.slug}"


def measure(ground: Ground) -> Iterator[Figure]:
    """At concurrency 8."""
    ground.start("courier", "serve")
    ground.settle()
    first, again, drawn = [], [], []
    for _ in range(ROUNDS):
        tokens = linked(ground, ground.next_known(LINKS))
        opened = [request("GET", LINK_PATH + token, ground.host) for token in tokens]
        first.append(_rate(ground, opened, 303))
        again.append(_rate(ground, opened * AGAIN, 303))
        cookies = [pocket(ground, token) for token in tokens]
        pages = [request("GET", PATH, ground.host, cookies=f"link={cookie}") for cookie in cookies]
        drawn.append(_rate(ground, pages * AGAIN, 200))
    yield Figure(name="links opened for the first time", value=middle(first), unit="/s", note=spread(first))
    yield Figure(name="links opened again", value=middle(again), unit="/s", goal=GOAL, note=spread(again))
    yield Figure(name="link pages drawn", value=middle(drawn), unit="/s", goal=GOAL, note=spread(drawn))


def _rate(ground: Ground, requests: list[bytes], status: int) -> float:
    exchanged = exchange(ground.installation.port, requests)
    exchanged.require(status)
    return exchanged.rate
