"""The pages of a link: its first opening, which is stored, later ones, and the form that it leads to."""

from collections.abc import Iterator

from bench.figures import Figure
from bench.load_generator import page, send
from bench.measured_system import MeasuredSystem
from bench.password_forms import CHOOSE_PASSWORD_PATH
from bench.seed_data import sent_links
from bench.yardsticks import beside_argon2id, rate_figure
from core.policy.urls import LINK_PATH

ROUNDS, LINKS, AGAIN = 5, 1_000, 2
LEAST = 20


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Pages a second."""
    system.start("courier", "serve")
    system.settle()
    rounds = beside_argon2id(ROUNDS, lambda: _round(system))
    yield rate_figure("links opened for the first time", rounds)
    yield rate_figure("links opened again", rounds, LEAST, which=1)
    yield rate_figure("link pages drawn", rounds, LEAST, which=2)


def _round(system: MeasuredSystem) -> tuple[float, float, float]:
    tokens = sent_links(system, system.next_addresses(LINKS))
    links = [page(system.port, LINK_PATH + token) for token in tokens]
    first = send(system.port, links, 303)
    again = send(system.port, links * AGAIN, 303)
    pages = [page(system.port, CHOOSE_PASSWORD_PATH, cookies) for cookies in first.cookies]
    drawn = send(system.port, pages * AGAIN, 200)
    system.settle()
    return first.rate, again.rate, drawn.rate
