"""A voter's whole way to the link: three forms and their pages with a fresh cookie jar, the courier, the answer of the relay.

Beside it a tuned Django mails as many links from its single password-reset form, with the same engine and relay.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from bench.django_server import reset_visit, running_django
from bench.figures import Figure, median_figure
from bench.load_generator import BrowserTokens, visit
from bench.measured_system import MeasuredSystem
from bench.password_forms import asking_visit
from bench.process_usage import cpu_seconds
from bench.yardsticks import beside_argon2id, rate_figure, time_figure
from tests.support.product import descendants

ROUNDS, VOTERS = 7, 500
MOST_CPU = {"sqlite": 0.16, "postgresql": 0.22}
LEAST_OF_DJANGO = 0.9


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """CPU a mailed link, and mailed links a second, in turn with Django."""
    system.start("courier", "serve")
    numbers = count(1)
    with running_django(system) as (django, port):

        def ours() -> tuple[float, float]:
            visits = [asking_visit(system, address) for address in system.next_addresses(VOTERS)]
            return _mail_links(system, system.port, visits, lambda: system.processes("serve", "courier"))

        def theirs() -> tuple[float, float]:
            visits = [reset_visit(port, next(numbers)) for _ in range(VOTERS)]
            return _mail_links(system, port, visits, lambda: [django, *descendants(django)])

        rounds = beside_argon2id(1 + ROUNDS, ours, theirs)[2:]  # the first two warm both up
    yield time_figure("CPU a mailed link", rounds[::2], MOST_CPU[system.engine], which=1)
    yield time_figure("CPU a mailed link, Django", rounds[1::2], which=1)
    yield rate_figure("mailed links", rounds[::2])
    yield rate_figure("mailed links, Django", rounds[1::2])
    ratios = [our[0] / their[0] for (our, _), (their, _) in zip(rounds[::2], rounds[1::2], strict=True)]
    yield median_figure("mailed links, to Django's", ratios, "×", least=LEAST_OF_DJANGO)


def _mail_links(
    system: MeasuredSystem, port: int, visits: Sequence[BrowserTokens], processes: Callable[[], list[int]]
) -> tuple[float, float]:
    """Mailed links a second, and the CPU seconds a link of these processes and of the database server."""
    mails = system.servers.state.mails + len(visits)
    spent, began = cpu_seconds([*processes(), *system.postgres_processes()]), time.perf_counter()
    visit(port, visits, 200, 302, 303)
    system.servers.wait_for(mails=mails)
    seconds = time.perf_counter() - began
    system.settle()
    spent = cpu_seconds([*processes(), *system.postgres_processes()]) - spent
    return len(visits) / seconds, spent / len(visits)
