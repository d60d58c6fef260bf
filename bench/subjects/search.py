"""The desk's search, letter by letter, as agents type the names that callers tell them."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.yardsticks import beside_argon2id, time_figure

ROUNDS, CALLERS, AMONG = 3, 40, 10_000
SHORTEST, LIMIT = 2, 50


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Each keystroke is a search in the process of the terminal; the time within which 95 of 100 answer."""
    people = list(islice(system.people(), AMONG))
    with system.opened() as services:
        duty, find = system.sign_in_agent(services), services.desk.search.find

        def search(written: Callable[[str], str]) -> tuple[float]:
            took = []
            for person in Random(system.voters).sample(people, CALLERS):  # noqa: S311  # the choice of a bench
                said = f"{person['first_name']} {written(person['last_name'])}"
                for length in range(SHORTEST, len(said) + 1):
                    began = time.perf_counter()
                    find(duty, said[:length], LIMIT)
                    took.append(time.perf_counter() - began)
            return (sorted(took)[len(took) * 95 // 100],)

        rounds = beside_argon2id(ROUNDS, lambda: search(str))
        misspelt = beside_argon2id(ROUNDS, lambda: search(with_letters_exchanged))
    yield time_figure("search, 95 of 100 keystrokes within", rounds, 3.7)
    yield time_figure("search of misspelt names, 95 of 100 keystrokes within", misspelt, 3.7)


def with_letters_exchanged(name: str) -> str:
    """Return the name with its second and third letters exchanged."""
    return name[:1] + name[2:3] + name[1:2] + name[3:]
