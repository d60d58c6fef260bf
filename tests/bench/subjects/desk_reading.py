"""The desk's search, letter by letter as agents type what callers tell them, and its timelines of cases that move."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from random import Random

from sqlalchemy import func, select

from core.adapters.sql.tables import events
from core.forms.field_parsers import without_accents
from tests.bench.argon2id_yardstick import beside_argon2id, time_figure
from tests.bench.figures import Figure
from tests.bench.load_generator import send
from tests.bench.measured_system import MeasuredSystem, Person
from tests.bench.prepared_requests import ask_forms, voter_of
from tui.search_panel import RESULTS

ROUNDS, CALLERS, AMONG = 3, 40, 10_000
SHORTEST = 2
MOST_HASHES = 3.7
"""A tenth of a second on the machine of the first measurements."""
SECONDS, CASES_A_SECOND = 10, 50
LOOK_SECONDS = 0.5
"""The pause between two looks of the terminal at an open file."""


def measure_search(system: MeasuredSystem) -> Iterator[Figure]:
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


def measure_timeline(system: MeasuredSystem) -> Iterator[Figure]:
    """Voters ask and the courier sends; their files are read all the while, and once more at the end.

    No line of the journal may be missing there.
    """
    system.start("courier", "serve")
    system.settle()
    shown: dict[int, int] = {}
    with system.opened() as services:
        duty = system.sign_in_agent(services)

        def look(voters: Sequence[int]) -> None:
            for voter in voters:
                lines = len(services.desk.files.timeline(duty, voter))
                assert lines >= shown.get(voter, 0), "a line has gone from the screen"
                shown[voter] = lines

        for _ in range(SECONDS):
            addresses, began = system.next_addresses(CASES_A_SECOND), time.perf_counter()
            with system.store.write() as transaction:
                voters = [voter_of(transaction, address).id for address in addresses]
            send(system.port, ask_forms(system, addresses), 303)
            while time.perf_counter() < began + 1:
                look(voters)
                time.sleep(LOOK_SECONDS)
        system.settle()
        look(list(shown))
    with system.database.connect() as connection:
        cases = select(events.c.case).where(events.c.voter.in_(shown))
        written = connection.execute(select(func.count()).where(events.c.case.in_(cases))).scalar_one()
    missing = written - sum(shown.values())
    note = f"{written:,} lines of {len(shown)} cases"
    yield Figure(name="lines missing on the screen", value=missing, least=0, most=0, note=note)
