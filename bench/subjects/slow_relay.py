"""A relay that takes 100 ms for each mail: asks must not feel it, and mails must not wait for one another.

The goal has two sides: a courier that only waited would leave the processors to the asks, which would then be faster than they
are. Five per cent are less than one round differs from the next on a busy machine, so there are many, in the order quick, slow,
slow, quick, and voters come as often as they may have links.
"""

from collections.abc import Iterator

from bench.figures import Figure, median_figure
from bench.load_generator import send
from bench.measured_system import MeasuredSystem
from bench.password_forms import ask_form, asking_browsers
from bench.seed_data import mixed_addresses
from bench.subjects.mails import send_mails
from core.policy.policy_and_calendar import Policy

PAIRS, ASKS = 18, 2_400
UNTIMED = 800
"""The first asks of each round: after them the courier knows how slow the relay is."""
SLOW_SECONDS, MAILS = 0.1, 1_000


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Asks a second with the slow relay as a ratio to those with a quick one, then the mails of the courier alone."""
    system.start("courier", "serve")
    system.settle()
    rates: dict[bool, list[float]] = {False: [], True: []}
    addresses: list[str] = []
    for number in range(2 * PAIRS):
        if number % Policy().asks_per_network == 0:
            addresses = mixed_addresses(system, ASKS)
        slow = number % 4 in {1, 2}
        system.servers.state.mail_delay = SLOW_SECONDS if slow else 0
        asks = [ask_form(system, cookies) for cookies in asking_browsers(system, addresses)]
        send(system.port, asks[:UNTIMED], 303)
        rates[slow].append(send(system.port, asks[UNTIMED:], 303).rate)
    system.servers.state.mail_delay = 0
    ratios = [slow / quick for slow, quick in zip(rates[True], rates[False], strict=True)]
    yield median_figure("asks with a relay of 100 ms, to those without", ratios, "×", least=0.95, most=1.05)
    system.stop("serve")
    system.settle()
    system.servers.state.mail_delay = SLOW_SECONDS
    (rate,) = send_mails(system, MAILS)
    system.servers.state.mail_delay = 0
    yield Figure(name="mails through a relay of 100 ms", value=rate, unit="/s", note="10 on one connection")
