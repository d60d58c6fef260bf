"""A new password by an opened link (MP-6), while the notices are sent."""

from collections.abc import Iterator

from bench.figures import Figure
from bench.load_generator import page, send
from bench.measured_system import MeasuredSystem
from bench.password_forms import new_password_form
from bench.seed_data import sent_links
from bench.yardsticks import beside_argon2id, rate_figure
from core.policy.urls import LINK_PATH

ROUNDS, CHANGES = 9, 150


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Changes a second; each of them holds one argon2id."""
    system.start("courier", "serve")
    _change(system, CHANGES // 5)
    yield rate_figure("changes", beside_argon2id(ROUNDS, lambda: _change(system, CHANGES)), 0.75)


def _change(system: MeasuredSystem, number: int) -> tuple[float]:
    tokens = sent_links(system, system.next_addresses(number))
    opened = send(system.port, [page(system.port, LINK_PATH + token) for token in tokens], 303)
    system.settle()
    changed = send(system.port, [new_password_form(system, cookies) for cookies in opened.cookies], 303)
    system.settle()
    return (changed.rate,)
