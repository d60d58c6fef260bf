"""The journal's chain over a million lines: sealed as a courier does, verified by its command, and how much memory that took."""

import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import insert

from bench.figures import Figure, Goal
from bench.ground import Ground
from core.adapters.sql.tables import events
from core.courier.notary import Notary
from core.ports import Act, Actor, Event
from tests.support.product import RETROUVE

LINES, AT_ONCE = 1_000_000, 10_000
MOST_SECONDS, MOST_MEGABYTES = 60, 300


def measure(ground: Ground) -> Iterator[Figure]:
    """Without a courier, which would seal them already."""
    ground.stop("courier")
    with ground.opened() as house:
        notary = Notary(tools=house.tools, board=None)
        _seal(notary)  # what the other subjects left
        _write(ground)
        seconds = _seal(notary)
        notary.attest(at_once=True)
    yield Figure(name="a million lines sealed", value=seconds, unit="s", goal=Goal(most=MOST_SECONDS))
    yield from _verified(ground)


def _seal(notary: Notary) -> float:
    began = time.perf_counter()
    while notary.seal():
        pass
    return time.perf_counter() - began


def _write(ground: Ground) -> None:
    """Lines like those of a recovery, each of its own case."""
    now = datetime.now(UTC)
    for first in range(0, LINES, AT_ONCE):
        lines = [
            Event(
                at=now + timedelta(microseconds=number),
                actor=Actor.COURIER,
                act=Act.MAIL_ACCEPTED,
                case=f"{number:08}",
                voter=number,
                reason="relay.example:25",
            )
            for number in range(first, first + AT_ONCE)
        ]
        with ground.database.begin() as connection:
            connection.execute(insert(events), [msgspec.structs.asdict(line) for line in lines])


def _verified(ground: Ground) -> Iterator[Figure]:
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own command
        [*RETROUVE, "journal", "verify", "--dir", str(ground.installation.folder)],
        env={**os.environ, **ground.installation.variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the journal is not sound"
    yield Figure(name="a million lines verified", value=seconds, unit="s", goal=Goal(most=MOST_SECONDS))
    memory = usage.ru_maxrss * 1024 / 1e6
    yield Figure(name="verifying: most memory", value=memory, unit="MB", goal=Goal(most=MOST_MEGABYTES))
