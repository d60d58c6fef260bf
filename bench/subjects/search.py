"""The desk's search, letter by letter, as agents type the names that callers tell them."""

import json
import time
from collections.abc import Iterator
from itertools import islice
from random import Random

from bench.figures import Figure, Goal
from bench.ground import Ground
from cli.demo_desk import begin_duty
from core.adapters import demo_agents
from core.bootstrap import DEMO_VOTERS, House
from core.service.desk.desk import Desk
from core.service.desk.proofs import Duty

CALLERS, AMONG = 60, 20_000
LIMIT = 50
SHORTEST = 2
PERCENTILE = 0.95


def measure(ground: Ground) -> Iterator[Figure]:
    """Each keystroke is a search of its own, within the process of the terminal."""
    with ground.opened() as house:
        duty = on_duty(ground, house)
        took = sorted(_took(house.desk, duty, typed) for typed in _keystrokes(ground))
    value = took[int(len(took) * PERCENTILE)] * 1000
    note = f"{len(took)} keystrokes: median {took[len(took) // 2] * 1000:.1f}, longest {took[-1] * 1000:.0f}"
    yield Figure(name="search, 95 of 100 keystrokes within", value=value, unit="ms", goal=Goal(most=100), note=note)


def on_duty(ground: Ground, house: House) -> Duty:
    """The demo's first agent, at work; another subject may have used the code of the moment."""
    duty = begin_duty(house, next(demo_agents.read(ground.installation.folder)))
    assert duty is not None
    return duty


def _keystrokes(ground: Ground) -> Iterator[str]:
    with (ground.installation.folder / DEMO_VOTERS).open(encoding="utf-8") as file:
        people = [json.loads(line) for line in islice(file, AMONG)]
    for person in Random(ground.voters).sample(people, CALLERS):  # noqa: S311  # the choice of a bench
        said = f"{person['first_name']} {person['last_name']}"
        yield from (said[:length] for length in range(SHORTEST, len(said) + 1))


def _took(desk: Desk, duty: Duty, typed: str) -> float:
    began = time.perf_counter()
    desk.finding.find(duty, typed, LIMIT)
    return time.perf_counter() - began
