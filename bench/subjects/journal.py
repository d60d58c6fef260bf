"""The journal's chain over a million lines: sealed as a courier does, then verified by its command."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import insert

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.yardsticks import beside_argon2id, time_figure, timed
from core.adapters.sql.tables import events
from core.delivery.journal_sealer import JournalSealer
from core.ports import Actor, Event, EventType

LINES, AT_ONCE = 1_000_000, 10_000
MOST_HASHES = 2_200


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Measure without a courier, which would seal the lines already."""
    system.stop("courier")
    with system.opened() as services:
        notary = JournalSealer(dependencies=services.dependencies, board=None)
        _seal(notary)  # what the other subjects left
        _write(system)
        sealed = beside_argon2id(1, lambda: timed(lambda: _seal(notary)))
        notary.publish_checkpoint(at_once=True)
    yield time_figure("a million lines sealed", sealed, MOST_HASHES)
    verified = beside_argon2id(1, lambda: system.run("journal", "verify"))
    yield time_figure("a million lines verified", verified, MOST_HASHES)
    yield Figure(name="verifying: most memory", value=verified[0][0][1], unit="MB", most=300)


def _seal(notary: JournalSealer) -> None:
    while notary.seal():
        pass


def _write(system: MeasuredSystem) -> None:
    """Lines like those of a recovery, each of its own case."""
    now = datetime.now(UTC)
    event = Event(at=now, actor=Actor.COURIER, act=EventType.MAIL_ACCEPTED, reason="relay.example:25")
    line = msgspec.structs.asdict(event)
    for first in range(0, LINES, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        lines = [
            {**line, "at": now + timedelta(microseconds=each), "case": f"{each:08}", "voter": each} for each in numbers
        ]
        with system.database.begin() as connection:
            connection.execute(insert(events), lines)
