"""The clock follows the database's time, and the machine's time before the database was asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from core.adapters import database_clock as clocks
from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.sql.database_check import DatabaseTablesAndKeysCheck, write_properties
from core.adapters.sql.store import SqlStore
from core.flows.registry import states_by_flow
from core.ports import StoreUnavailable
from tests.support.election import SeededRandomSource, vault
from tests.support.stores import ROWS, STORES, KeptStore, reading

CLOSES = datetime(2018, 12, 6, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(name="kept")
def on_postgresql(tmp_path: Path) -> Iterator[KeptStore]:
    """A store on PostgreSQL that contains the fingerprint of the keys."""
    with STORES["postgresql"](tmp_path) as kept:
        with kept.engine.begin() as connection:
            write_properties(connection, vault(SeededRandomSource()))
        yield kept


@time_machine.travel(CLOSES, tick=False)
def test_the_clock_is_in_utc_and_as_far_ahead_as_told() -> None:
    """The clock is in UTC, with the given offset from the machine's time."""
    assert DatabaseSyncedClock().now() == CLOSES
    assert DatabaseSyncedClock(timedelta(days=-1)).now() == CLOSES - timedelta(days=1)


def test_a_step_of_the_machine_s_clock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the database was asked for the time, changes of the machine's clock have no effect."""
    counted = [100.0]
    monkeypatch.setattr(clocks.time, "monotonic", lambda: counted[0])
    with time_machine.travel(CLOSES + HOUR, tick=False):
        clock = DatabaseSyncedClock(timedelta(days=1))
        asked = clock.is_query_due, clock.follows_database, clock.time_without_demo_offset()
        assert asked == (True, False, CLOSES + HOUR)
        clock.synchronise_with_database(lambda: CLOSES)
        assert (clock.is_query_due, clock.follows_database) == (False, True)
        assert (clock.time_without_demo_offset(), clock.now()) == (CLOSES, CLOSES + timedelta(days=1))
        assert clock.machine_clock_lead() == HOUR
    with time_machine.travel(CLOSES - HOUR, tick=False):
        counted[0] += 4
        assert (clock.time_without_demo_offset(), clock.is_query_due) == (CLOSES + timedelta(seconds=4), False)
        counted[0] += 1
        assert clock.is_query_due


def test_a_slow_answer_counts_only_while_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow answer of the database is used only if there is no better one, and the database is asked again."""
    counted = [100.0]
    monkeypatch.setattr(clocks.time, "monotonic", lambda: counted[0])

    def slowly() -> datetime:
        counted[0] += 3
        return CLOSES

    clock = DatabaseSyncedClock()
    clock.synchronise_with_database(slowly)
    assert (clock.time_without_demo_offset(), clock.is_query_due) == (CLOSES + timedelta(seconds=1.5), True)
    with time_machine.travel(CLOSES + timedelta(seconds=4), tick=False):
        assert clock.clock_difference_lower_bound() == timedelta(seconds=1)
    clock.synchronise_with_database(lambda: CLOSES)
    counted[0] += 5
    clock.synchronise_with_database(slowly)
    assert (clock.time_without_demo_offset(), clock.is_query_due) == (CLOSES + timedelta(seconds=8), True)


def test_a_program_that_was_wrong_does_nothing_with_its_time(kept: KeptStore) -> None:
    """A program whose clock is an hour wrong begins no transaction before it knows the database's time."""
    clock, keys = DatabaseSyncedClock(), vault(SeededRandomSource())
    store = SqlStore(kept.engine, states_by_flow(), ROWS, DatabaseTablesAndKeysCheck(keys, clock))
    with time_machine.travel(datetime.now(UTC) + HOUR, tick=True):
        wrong = clock.now()
        with pytest.raises(StoreUnavailable), store.write():
            pytest.fail("a transaction with a wrong time")

        assert timedelta(minutes=59) < wrong - clock.now() < timedelta(minutes=61)
        assert timedelta(minutes=59) < clock.machine_clock_lead() < timedelta(minutes=61)
        assert reading(store).outbox.oldest_request_delay(clock.now()) == timedelta(0)


def test_a_transaction_asks_again_when_it_is_time(kept: KeptStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction asks the database for the time when this is due."""
    clock, keys = DatabaseSyncedClock(), vault(SeededRandomSource())
    store = SqlStore(kept.engine, states_by_flow(), ROWS, DatabaseTablesAndKeysCheck(keys, clock))
    store.check()
    told = list[datetime]()
    ask = DatabaseSyncedClock.synchronise_with_database
    monkeypatch.setattr(
        DatabaseSyncedClock,
        "synchronise_with_database",
        lambda self, of: ask(self, lambda: told.append(of()) or told[-1]),
    )
    monkeypatch.setattr(clocks, "MEASURED_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(DatabaseSyncedClock, "is_query_due", True)

    for transaction in (store.read(), store.write()):
        with transaction as opened:
            assert opened.voters.by_address("nobody@ac-lumiere.example") is None

    assert len(told) == 2
    assert all(abs(each - clock.time_without_demo_offset()) < timedelta(minutes=1) for each in told)
