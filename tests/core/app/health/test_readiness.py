"""Tests that a host reports why it is not ready, in one word and one sentence, and records that it is alive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine, select, text

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.sql import database_failure_cause
from core.adapters.sql.database_check import DatabaseTablesAndKeysCheck, write_properties
from core.adapters.sql.engine import open_engine
from core.adapters.sql.host_heartbeats import WRITE_INTERVAL, HostHeartbeat, read_host_heartbeats, write_host_heartbeat
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import hosts
from core.adapters.sql.transaction import SqlTransaction
from core.app.health import readiness
from core.app.health.readiness import HostReadinessCheck
from core.flows.registry import states_by_flow
from core.ports import MessageKind
from tests.support.disks import fill, small_disk
from tests.support.election import SeededRandomSource, vault
from tests.support.stores import ROWS, STORES, sqlite

LATE = timedelta(minutes=15)
KEYS = vault(SeededRandomSource())


@pytest.fixture(name="engine", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with this election's keys, on each engine."""
    with STORES[request.param](tmp_path) as kept:
        with kept.engine.execution_options(writes=True).begin() as connection:
            write_properties(connection, KEYS)
        yield kept.engine


@pytest.fixture(autouse=True)
def _every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(readiness, "CHECKED_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(readiness, "WRITE_INTERVAL", timedelta(0))
    monkeypatch.setattr(readiness, "CLOCKS_APART", timedelta(minutes=1))  # so that a busy machine is no excursion


def host_on(engine: Engine) -> HostReadinessCheck:
    """Return the readiness check of a host that uses this database."""
    clock = DatabaseSyncedClock()
    return HostReadinessCheck(
        SqlStore(engine, states_by_flow(), ROWS, DatabaseTablesAndKeysCheck(KEYS, clock)), clock, "vote-1", LATE
    )


def word(found: str) -> str:
    said, _, sentence = found.partition(": ")
    assert sentence[:1].isupper()
    return said


def run(engine: Engine, statement: str) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(statement))


def test_a_ready_host_leaves_one_row(engine: Engine) -> None:
    """A ready host has one row, however often it is asked. It is also ready if the courier is late."""
    host = host_on(engine)

    reports = [host.report() for _ in range(3)]

    assert all(each.ready and each.parts == {"database": "ready", "clock": "ready"} for each in reports)
    with engine.connect() as connection:
        ((name, seen, ahead),) = connection.execute(select(hosts)).all()
    assert (name, abs(ahead) < 60_000_000) == ("vote-1", True)
    assert abs(seen - datetime.now(UTC)) < timedelta(minutes=5)

    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with SqlStore(engine, states_by_flow(), ROWS).write() as transaction:
        transaction.outbox.put(kind=MessageKind.ASK, case="AAAA-AAAA", at=long_ago, useful_until=datetime.now(UTC))

    report = host.report()

    assert (report.ready, word(report.notes["courier"])) == (True, "behind")


def test_a_row_is_written_every_few_seconds(engine: Engine) -> None:
    """A host keeps a recent row. It replaces a row that is old or has a time in the future."""
    now, rows = datetime(2018, 12, 1, tzinfo=UTC), list[datetime]()
    store = SqlStore(engine, states_by_flow(), ROWS)
    for seen in (now, now + WRITE_INTERVAL / 2, now + WRITE_INTERVAL * 2, now):
        with store.write() as transaction:
            assert isinstance(transaction, SqlTransaction)
            write_host_heartbeat(transaction.connection, HostHeartbeat("vote-1", seen, timedelta(seconds=-1)))
        with engine.connect() as connection:
            (row,) = read_host_heartbeats(connection, now)
        rows.append(row.seen)

    assert rows == [now, now, now + WRITE_INTERVAL * 2, now]
    assert row.ahead == timedelta(seconds=-1)


def test_an_answer_serves_for_a_while(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frequent requests get the same report and do not use the database."""
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 3600.0)
    host = host_on(engine)
    first = host.report()
    run(engine, "DELETE FROM properties")

    assert host.report() is first


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE properties SET value = 'of another election' WHERE name = 'fingerprint'", "wrong-key"),
        ("DROP INDEX ix_outbox_due", "schema"),
        ("UPDATE alembic_version SET version_num = '0000'", "schema"),
    ],
)
def test_a_database_that_is_not_the_right_one_any_more_is_said(engine: Engine, change: str, expected: str) -> None:
    """While a host runs, it notices if the database gets other keys or the tables of another version."""
    with undone(engine):
        host = host_on(engine)
        assert host.report().ready
        run(engine, change)

        assert word(host.report().parts["database"]) == expected


@contextmanager
def undone(engine: Engine) -> Iterator[None]:
    """Restore the tables, because the next tests use them again on PostgreSQL."""
    with engine.connect() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    try:
        yield
    finally:
        run(engine, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608  # our own
        run(engine, "CREATE INDEX IF NOT EXISTS ix_outbox_due ON outbox (due) WHERE state = 'waiting'")


def test_a_postgresql_that_only_reads_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only server is reported as "read-only", and a replica as "demoted" with its delay."""
    with STORES["postgresql"](tmp_path) as kept:
        with kept.engine.begin() as connection:
            write_properties(connection, KEYS)
        read_only = kept.engine.url.update_query_dict({"options": "-c default_transaction_read_only=on"})
        reading = open_engine(read_only.render_as_string(hide_password=False))
        host = host_on(reading)
        said = host.report().parts["database"]
        monkeypatch.setattr(database_failure_cause, "RECOVERY", text("SELECT true, 7"))
        demoted = host.report().parts["database"]
        reading.dispose()

    assert (word(said), "25006" in said) == ("read-only", True)
    assert (word(demoted), "7 seconds behind" in demoted) == ("demoted", True)


def test_no_server_is_unreachable() -> None:
    """A server that does not answer is reported without its address."""
    engine = open_engine("postgresql+psycopg://vote:hush@127.0.0.1:1/vote")

    said = host_on(engine).report().parts["database"]

    assert (word(said), "127.0.0.1" in said) == ("unreachable", False)
    engine.dispose()


def on_sqlite(folder: Path, act: Callable[[Path], object]) -> str:
    """Return the host's report about its SQLite database after `act` has changed the folder."""
    with sqlite(folder) as kept:
        with kept.engine.execution_options(writes=True).begin() as connection:
            write_properties(connection, KEYS)
        host = host_on(kept.engine)
        assert host.report().ready
        kept.engine.dispose()
        act(folder)
        return host.report().parts["database"]


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """If the disk has no room for another row, the database is "disk-full"."""
    with small_disk(tmp_path / "disk", "2m") as disk:
        assert word(on_sqlite(disk, fill)) == "disk-full"


def test_a_damaged_and_a_missing_file_are_said(tmp_path: Path) -> None:
    """A damaged file is "damaged". A missing file is "unreachable", and the check does not create it."""

    def scribble(folder: Path) -> None:
        with (folder / "retrouve.sqlite3").open("r+b") as file:
            file.write(b"x" * 4096)

    assert word(on_sqlite(tmp_path, scribble)) == "damaged"
    said = on_sqlite(tmp_path, lambda folder: [file.unlink() for file in folder.glob("retrouve.sqlite3*")])
    assert word(said) == "unreachable"
    assert not (tmp_path / "retrouve.sqlite3").exists()


def test_with_postgresql_a_machine_whose_clock_is_off_is_not_ready(tmp_path: Path) -> None:
    """A host is not ready if its clock differs by more than two seconds. Its row says how far the clock is ahead."""
    with STORES["postgresql"](tmp_path) as kept:
        with kept.engine.begin() as connection:
            write_properties(connection, KEYS)
        host = host_on(kept.engine)
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
            report = host.report()
        with kept.engine.connect() as connection:
            (row,) = read_host_heartbeats(connection, datetime.now(UTC) - timedelta(minutes=5))

    assert (report.ready, report.parts["database"], word(report.parts["clock"])) == (False, "ready", "clock")
    assert timedelta(minutes=59) < row.ahead < timedelta(minutes=61)


def test_a_sqlite_database_has_no_clock_of_its_own(tmp_path: Path) -> None:
    """With SQLite, the machine's clock is the only clock."""
    with sqlite(tmp_path) as kept:
        with kept.engine.execution_options(writes=True).begin() as connection:
            write_properties(connection, KEYS)
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
            assert host_on(kept.engine).report().ready
