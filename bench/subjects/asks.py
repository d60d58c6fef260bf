"""The ask for a message (MP-3), half of them to addresses of the roll, while the courier decides and sends."""

from collections.abc import Iterator

from bench.figures import Figure
from bench.load_generator import send
from bench.measured_system import MeasuredSystem
from bench.password_forms import ask_form, asking_browsers
from bench.seed_data import mixed_addresses
from bench.yardsticks import beside_argon2id, rate_figure

ROUNDS, ASKS = 7, 2_000
LEAST = {"sqlite": 12, "postgresql": 10}
LEAST_WITH_STANDBY = 8


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Asks a second."""
    system.start("courier", "serve")
    ask(system, ASKS // 4)
    least = LEAST_WITH_STANDBY if system.standby else LEAST[system.engine]
    yield rate_figure("asks", beside_argon2id(ROUNDS, lambda: ask(system, ASKS)), least)


def ask(system: MeasuredSystem, number: int) -> tuple[float]:
    """Let so many browsers ask, then the courier settle; returns asks a second."""
    asks = [ask_form(system, cookies) for cookies in asking_browsers(system, mixed_addresses(system, number))]
    result = send(system.port, asks, 303)
    system.settle()
    return (result.rate,)
