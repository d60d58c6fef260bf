"""Everything at once: the journal sealed and verified, the rows that decide given their tags, the roll imported."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import insert, update

from core.adapters.key_vault import key_id_of
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.sql.engine import open_snapshot_transaction
from core.adapters.sql.protected_row_examination import ProtectedRowExaminer
from core.adapters.sql.protected_tables import MAC, PROTECTED, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_tag_upgrade import give_tags, renew_tags
from core.adapters.sql.tables import events
from core.delivery.journal_sealer import JournalSealer
from core.ports import Actor, Event, EventType
from tests.bench.argon2id_yardstick import beside_argon2id, time_figure, timed
from tests.bench.figures import Figure
from tests.bench.measured_system import MeasuredSystem

LINES, AT_ONCE = 1_000_000, 10_000
MOST_HASHES = 2_200
"""The goal for a million lines, rows or voters, as a multiple of one hash's time."""


def measure_journal(system: MeasuredSystem) -> Iterator[Figure]:
    """A million lines sealed as a courier does, while there is none, then verified by the command."""
    system.stop("courier")
    with system.opened() as services:
        notary = JournalSealer(dependencies=services.dependencies, board=None)
        _seal(notary)  # what the other subjects left
        _write_lines(system)
        sealed = beside_argon2id(1, lambda: timed(lambda: _seal(notary)))
        notary.publish_checkpoint(at_once=True)
    yield time_figure("a million lines sealed", sealed, MOST_HASHES)
    verified = beside_argon2id(1, lambda: system.run("journal", "verify"))
    yield time_figure("a million lines verified", verified, MOST_HASHES)
    yield Figure(name="verifying: most memory", value=verified[0][0][1], unit="MB", most=300)


def _seal(notary: JournalSealer) -> None:
    while notary.seal():
        pass


def _write_lines(system: MeasuredSystem) -> None:
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


def measure_rows(system: MeasuredSystem) -> Iterator[Figure]:
    """Tags and seals for voters of a former version, new ones for a retired key, and their examination."""
    system.stop("serve", "courier")
    rows = RowAuthenticator(system.vault)
    _go_back(system)
    key = key_id_of(rows.compute_tag(VOTERS, tuple(VOTERS.covered)))
    assert key is not None
    given = beside_argon2id(1, lambda: timed(lambda: give_tags(system.database, rows, lambda _: None)))
    yield time_figure("every voter's row given its tag and seal", given, MOST_HASHES)
    renewed = beside_argon2id(1, lambda: timed(lambda: renew_tags(system.database, rows, {key})))
    yield time_figure("tags and seals of a retired key made again", renewed, MOST_HASHES)
    examined = beside_argon2id(1, lambda: timed(lambda: _examine(system, rows)))
    yield time_figure("every row examined", examined, MOST_HASHES)


def _go_back(system: MeasuredSystem) -> None:
    """Make rows as the former version left them, with a password each."""
    hashed = Argon2PasswordHasher().hash("Lavande bleue 2018")
    with system.database.execution_options(writes=True).begin() as connection:
        for protected in PROTECTED:
            values = {MAC: None, "password": hashed} if protected.credential else {MAC: None}
            connection.execute(update(protected.table).values(values))
        connection.execute(update(events).values(credential=None))  # other subjects chose other passwords


def _examine(system: MeasuredSystem, rows: RowAuthenticator) -> None:
    with open_snapshot_transaction(system.database) as connection:
        altered = [finding.table for finding in ProtectedRowExaminer(connection, rows, journal=False).findings()]
    assert not altered, altered[:9]


def measure_roll(system: MeasuredSystem) -> Iterator[Figure]:
    """The import onto an empty roll, and again with every line changed: its time, and the most memory it held."""
    system.stop("serve", "courier")
    roll, changed = (system.installation.folder / name for name in ("roll.csv", "changed.csv"))
    _change_every_line(roll, changed)
    system.empty_database()
    for name, file in (("first import of the roll", roll), ("import with every line changed", changed)):
        imported = beside_argon2id(1, partial(system.run, "roll", "import", str(file), "--apply"))
        yield time_figure(name, imported, MOST_HASHES)
        yield Figure(name=f"{name}: most memory", value=imported[0][0][1], unit="MB", most=500)


def _change_every_line(source: Path, target: Path) -> None:
    """Give everybody another address and another family name."""
    with source.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        lines, writer = csv.reader(old, delimiter=";"), csv.writer(new, delimiter=";")
        writer.writerow(next(lines))
        writer.writerows([f"nouveau-{email}", f"Nouveau-{name}", *rest] for email, name, *rest in lines)
