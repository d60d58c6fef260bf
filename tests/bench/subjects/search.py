"""Measures the desk's search for each typed letter."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from random import Random
from statistics import quantiles

from core.forms.field_parsers import without_accents
from tests.bench.figures import Figure
from tests.bench.measured_system import MeasuredSystem, Person
from tui.search_panel import RESULTS

CALLERS, AMONG, SHORTEST = 100, 10_000, 2
MOST_SECONDS = 0.2


def measure_search(system: MeasuredSystem) -> Iterator[Figure]:
    """Yield the 95th percentile of a key's answer time for each kind of search term."""
    people = list(islice(system.people(), AMONG))
    callers = Random(system.voters).sample(people, CALLERS)  # noqa: S311  # the choice of a bench
    with system.opened() as services:
        session, find = system.sign_in_agent(services), services.desk.quick_search.find
        for name, say in SAID.items():
            took = []
            for typed in map(say, callers):
                for length in range(SHORTEST, len(typed) + 1):
                    began = time.perf_counter()
                    find(session, typed[:length], RESULTS)
                    took.append(time.perf_counter() - began)
            p95 = quantiles(took, n=20)[-1]
            yield Figure(name=f"search by {name}, p95 of a key", value=p95, unit="s", most=MOST_SECONDS)


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
