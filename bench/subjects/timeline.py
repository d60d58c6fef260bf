"""The desk's timelines of cases that move, fifty a second: no line of the journal may be missing there."""

import time
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from bench.figures import Figure
from bench.load_generator import send
from bench.measured_system import MeasuredSystem
from bench.password_forms import ask_form, asking_browsers
from bench.seed_data import voter_ids
from core.adapters.sql.tables import events

SECONDS, CASES_A_SECOND = 10, 50
LOOK_SECONDS = 0.5
"""The pause between two looks of the terminal at an open file."""


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Voters ask and the courier sends; their files are read all the while, and once more at the end."""
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
            voters = voter_ids(system, addresses)
            send(system.port, [ask_form(system, cookies) for cookies in asking_browsers(system, addresses)], 303)
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
