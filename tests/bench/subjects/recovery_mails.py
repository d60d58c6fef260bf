"""Asks, mails, links and changes of passwords: how many a second, with quick and slow relays, and what memory they take."""

import time
from collections.abc import Iterator

from core.policy.policy import Policy
from tests.bench.argon2id_yardstick import beside_argon2id, rate_figure
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import page, send
from tests.bench.measured_system import MeasuredSystem, pss_megabytes
from tests.bench.prepared_requests import (
    CHOOSE_PASSWORD_PATH,
    ask_forms,
    link_pages,
    mixed_addresses,
    new_password_forms,
    waiting_asks,
)

LEAST_ASKS, LEAST_ASKS_WITH_STANDBY = {"sqlite": 12, "postgresql": 10}, 8
LEAST_LINKS = 20
PAIRS, ASKS = 18, 2_400
UNTIMED = 800
"""The first asks of each round: after them the courier knows how slow the relay is."""
SLOW_SECONDS, MAILS = 0.1, 1_000


def measure_asks(system: MeasuredSystem) -> Iterator[Figure]:
    """Asks for the message with the link (MP-3), while the courier sends what was asked for."""
    system.start("courier", "serve")
    _ask(system, 500)
    least = LEAST_ASKS_WITH_STANDBY if system.standby else LEAST_ASKS[system.engine]
    yield rate_figure("asks", beside_argon2id(7, lambda: _ask(system, 2_000)), least)


def _ask(system: MeasuredSystem, number: int) -> tuple[float]:
    """Let so many browsers ask, then the courier settle; return asks a second."""
    result = send(system.port, ask_forms(system, mixed_addresses(system, number)), 303)
    system.settle()
    return (result.rate,)


def measure_links(system: MeasuredSystem) -> Iterator[Figure]:
    """The first opening of a link, which is stored, later ones, and the form that it leads to."""
    system.start("courier", "serve")
    system.settle()
    rounds = beside_argon2id(5, lambda: _open_links(system))
    yield rate_figure("links opened for the first time", rounds)
    yield rate_figure("links opened again", rounds, LEAST_LINKS, which=1)
    yield rate_figure("link pages drawn", rounds, LEAST_LINKS, which=2)


def _open_links(system: MeasuredSystem) -> tuple[float, float, float]:
    links = link_pages(system, 1_000)
    first = send(system.port, links, 303)
    again = send(system.port, links * 2, 303)
    drawn = send(system.port, [page(system.port, CHOOSE_PASSWORD_PATH, each) for each in first.cookies] * 2, 200)
    system.settle()
    return first.rate, again.rate, drawn.rate


def measure_changes(system: MeasuredSystem) -> Iterator[Figure]:
    """New passwords by opened links (MP-6), each of which holds one argon2id, while the notices are sent."""
    system.start("courier", "serve")
    _change(system, 30)
    yield rate_figure("changes", beside_argon2id(9, lambda: _change(system, 150)), 0.75)


def _change(system: MeasuredSystem, number: int) -> tuple[float]:
    opened = send(system.port, link_pages(system, number), 303)
    system.settle()
    changed = send(system.port, new_password_forms(system, opened.cookies), 303)
    system.settle()
    return (changed.rate,)


def measure_mails(system: MeasuredSystem) -> Iterator[Figure]:
    """The courier alone finds asks that wait, decides, composes and sends, from the first mail at the relay to the last."""
    system.start("courier")
    system.settle()
    system.stop("serve")
    yield rate_figure("mails", beside_argon2id(5, lambda: _send_mails(system, 1_500)), 5)


def _send_mails(system: MeasuredSystem, number: int) -> tuple[float]:
    """Return mails a second of a courier that finds so many asks."""
    system.stop("courier")
    waiting_asks(system, system.next_addresses(number))
    last = system.servers.state.mails + number
    system.start("courier")
    system.servers.wait_for(mails=last - number + 1)
    left, began = last - system.servers.state.mails, time.perf_counter()
    system.servers.wait_for(mails=last)
    rate = left / (time.perf_counter() - began)
    system.settle()
    return (rate,)


def measure_slow_relay(system: MeasuredSystem) -> Iterator[Figure]:
    """A relay that takes 100 ms for each mail: asks must not feel it, and mails must not wait for one another.

    The goal has two sides: a courier that only waited would leave the processors to the asks, which would then be faster than
    they are. Five per cent are less than one round differs from the next on a busy machine, so there are many, in the order
    quick, slow, slow, quick, and voters come as often as they may have links.
    """
    system.start("courier", "serve")
    system.settle()
    rates: dict[bool, list[float]] = {False: [], True: []}
    addresses: list[str] = []
    for number in range(2 * PAIRS):
        if number % Policy().asks_per_network == 0:
            addresses = mixed_addresses(system, ASKS)
        slow = number % 4 in {1, 2}
        system.servers.state.mail_delay = SLOW_SECONDS if slow else 0
        asks = ask_forms(system, addresses)
        send(system.port, asks[:UNTIMED], 303)
        rates[slow].append(send(system.port, asks[UNTIMED:], 303).rate)
    system.servers.state.mail_delay = 0
    ratios = [slow / quick for slow, quick in zip(rates[True], rates[False], strict=True)]
    yield median_figure("asks with a relay of 100 ms, to those without", ratios, "×", least=0.95, most=1.05)
    system.stop("serve")
    system.settle()
    system.servers.state.mail_delay = SLOW_SECONDS
    (rate,) = _send_mails(system, MAILS)
    system.servers.state.mail_delay = 0
    yield Figure(name="mails through a relay of 100 ms", value=rate, unit="/s", note="10 on one connection")


def measure_memory(system: MeasuredSystem) -> Iterator[Figure]:
    """The memory of the web processes and the courier after what was measured before; that of a database server beside it."""
    system.start("serve", "courier")
    _ask(system, 1_000)
    held = {part: pss_megabytes(system.processes(part)) for part in ("serve", "courier")}
    note = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in held.items())
    yield Figure(name="memory of all processes", value=sum(held.values()), unit="MB", most=450, note=note)
    if processes := system.postgres_processes():
        yield Figure(name="memory of the database server", value=pss_megabytes(processes), unit="MB")
