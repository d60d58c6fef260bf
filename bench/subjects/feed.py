"""What the terminal shows of cases that move: fifty a second, and no line of the journal may be missing on the screen."""

import time
from collections.abc import Iterator

from sqlalchemy import func, select

from bench.cases import confirming
from bench.figures import Figure, Goal
from bench.ground import Ground
from bench.load import exchange
from bench.subjects import asks
from bench.subjects.search import on_duty
from core.adapters.sql.tables import events, voters
from core.service.desk.desk import Desk
from core.service.desk.proofs import Duty

SECONDS, A_SECOND = 10, 50
LOOKS = 2
"""A second, as an open file is looked at."""


def measure(ground: Ground) -> Iterator[Figure]:
    """Voters ask, the courier decides and sends; each file is looked at all the while, and once more at the end."""
    ground.start("courier", "serve")
    ground.settle()
    addresses = ground.next_known(SECONDS * A_SECOND)
    followed = _voters(ground, addresses)
    with ground.opened() as house:
        shown = _followed(ground, house.desk, on_duty(ground, house), addresses, followed)
        missed = sum(_written(ground, voter) - shown[voter] for voter in followed)
    note = f"{sum(shown.values()):,} lines of {len(followed)} cases"
    yield Figure(name="lines missing on the screen", value=missed, goal=Goal(most=0, least=0), note=note)


def _followed(ground: Ground, desk: Desk, duty: Duty, addresses: list[str], followed: list[int]) -> dict[int, int]:
    """How many lines each file shows in the end; a line once shown must stay."""
    shown = dict.fromkeys(followed, 0)
    for first in range(0, len(addresses), A_SECOND):
        began = time.perf_counter()
        exchange(ground.installation.port, asks.requests(ground, confirming(ground, addresses[first:][:A_SECOND])))
        while time.perf_counter() < began + 1:
            _look(desk, duty, followed[first:][:A_SECOND], shown)
            time.sleep(1 / LOOKS)
    ground.settle()
    _look(desk, duty, followed, shown)
    return shown


def _look(desk: Desk, duty: Duty, whose: list[int], shown: dict[int, int]) -> None:
    for voter in whose:
        lines = len(desk.files.timeline(duty, voter))
        assert lines >= shown[voter], "a line has gone from the screen"
        shown[voter] = lines


def _voters(ground: Ground, addresses: list[str]) -> list[int]:
    by_address = select(voters.c.email, voters.c.id).where(voters.c.email.in_(addresses))
    with ground.database.connect() as connection:
        found = {row.email: row.id for row in connection.execute(by_address)}
    return [found[address] for address in addresses]


def _written(ground: Ground, voter: int) -> int:
    """Of their case, whoever wrote it, as the journal's table has it."""
    cases = select(events.c.case).where(events.c.voter == voter)
    with ground.database.connect() as connection:
        return connection.execute(select(func.count()).where(events.c.case.in_(cases))).scalar_one()
