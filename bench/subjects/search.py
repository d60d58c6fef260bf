"""The search of the desk's home, letter by letter, as agents type what callers tell them."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from random import Random

from bench.figures import Figure
from bench.measured_system import MeasuredSystem, Person
from bench.yardsticks import beside_argon2id, time_figure
from core.forms.field_parsers import without_accents
from tui.search_panel import RESULTS

ROUNDS, CALLERS, AMONG = 3, 40, 10_000
SHORTEST = 2
MOST_HASHES = 3.7
"""A tenth of a second on the machine of the first measurements."""


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Each keystroke is a search of everything that a caller may say; the time within which 95 of 100 answer."""
    people = list(islice(system.people(), AMONG))
    with system.opened() as services:
        session, find = system.sign_in_agent(services), services.desk.quick_search.find

        def search(said: Callable[[Person], str]) -> tuple[float]:
            took = []
            for person in Random(system.voters).sample(people, CALLERS):  # noqa: S311  # the choice of a bench
                typed = said(person)
                for length in range(SHORTEST, len(typed) + 1):
                    began = time.perf_counter()
                    find(session, typed[:length], RESULTS)
                    took.append(time.perf_counter() - began)
            return (sorted(took)[len(took) * 95 // 100],)

        measured = {name: beside_argon2id(ROUNDS, lambda said=said: search(said)) for name, said in SAID.items()}  # type: ignore[misc]  # a default binds it
    for name, rounds in measured.items():
        yield time_figure(f"search by {name}, p95 of a key", rounds, MOST_HASHES)


def misspelt_name(person: Person) -> str:
    """Return the name with its second and third letters exchanged."""
    name = person["last_name"]
    return f"{person['first_name']} {name[:1]}{name[2:3]}{name[1:2]}{name[3:]}"


def name_as_on_a_letter(person: Person) -> str:
    """Return title, name and first name without accents, a word of the académie, and the last digits of the phone."""
    academie = person["academie"].split()[-1]
    return without_accents(f"mme {person['last_name']} {person['first_name']} {academie} {person['phone'][-2:]}")


SAID: Mapping[str, Callable[[Person], str]] = {
    "name": "{first_name} {last_name}".format_map,
    "misspelt name": misspelt_name,
    "name, académie, phone": name_as_on_a_letter,
    "address": itemgetter("email"),
}
