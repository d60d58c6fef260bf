"""Transactions on PostgreSQL are durable, read one snapshot, and have time limits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from core.adapters.sql.engine import open_snapshot_transaction, writing_connection
from core.adapters.sql.retention import DatabaseNotRewritten, rewrite_database
from core.adapters.sql.transaction import SqlTransaction
from core.flows.password.states import CaseOpenedByDesk
from core.ports import Actor, ConflictError, Event, EventType, RecoveryCase
from tests.conformance.waiting import eventually
from tests.support.election import CAMILLE, NOON
from tests.support.stores import STORES, KeptStore, writing

LINE = Event(at=NOON, actor=Actor.OPERATOR, act=EventType.ROLL_IMPORTED)
FIRST, THEN = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE), CaseOpenedByDesk(typed="then", address=CAMILLE)
CASE = RecoveryCase(handle=b"handle", number="7F3K-92QD", flow="mot-de-passe", state=FIRST, began=NOON)
PATIENCE = 180
WAITING = """SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
    AND clock_timestamp() - query_start > '100 ms')"""


@pytest.fixture
def on_postgresql(tmp_path: Path) -> Iterator[KeptStore]:
    """An empty store on PostgreSQL."""
    with STORES["postgresql"](tmp_path) as found:
        yield found


def move_case(kept: KeptStore, *, times: int = 1) -> None:
    """Write a journal line and change the same version of the case `times` times, which can succeed only once."""
    with kept.store.write() as transaction:
        transaction.journal.write(LINE)
        for _ in range(times):
            transaction.recoveries.update_state(CASE, THEN)


def add_case(kept: KeptStore) -> None:
    writing(kept.store).recoveries.add(CASE)


def test_a_conflict_rolls_back_and_keeps_the_connection(on_postgresql: KeptStore) -> None:
    """A conflict rolls back the whole transaction, and the connection can still be used."""
    add_case(on_postgresql)
    for _ in range(2):
        with pytest.raises(ConflictError):
            move_case(on_postgresql, times=2)

    move_case(on_postgresql)

    assert on_postgresql.events() == 1


def test_every_commit_is_durable(on_postgresql: KeptStore) -> None:
    """Every commit waits for the disk, even if the server's own setting does not require it."""
    with on_postgresql.store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        assert transaction.connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_reads_of_one_transaction_see_one_snapshot(on_postgresql: KeptStore) -> None:
    """All reads of a transaction see the same snapshot."""
    with on_postgresql.store.read() as transaction:
        assert isinstance(transaction, SqlTransaction)
        assert transaction.connection.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
        assert transaction.recoveries.by_handle(CASE.handle) is None
        add_case(on_postgresql)
        assert transaction.recoveries.by_handle(CASE.handle) is None


def test_the_stores_limit_ends_no_long_work_of_a_command(on_postgresql: KeptStore) -> None:
    """Long operations of commands have no time limit, although the store sets one on the same connections."""
    engine = on_postgresql.engine
    with engine.connect() as pooled:
        pooled.exec_driver_sql("SET statement_timeout = '5min'")
        pooled.commit()

    for opened in (open_snapshot_transaction, writing_connection):
        with opened(engine) as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "0"
    rewrite_database(engine)
    with engine.connect() as pooled:
        assert pooled.exec_driver_sql("SHOW statement_timeout").scalar_one() == "5min"


def test_a_rewrite_gives_up_a_table_that_somebody_holds(on_postgresql: KeptStore) -> None:
    """Rewriting a table gives up if another transaction uses the table, because otherwise all pages would wait."""
    with on_postgresql.engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM voters")
        with pytest.raises(DatabaseNotRewritten, match="lock timeout"):
            rewrite_database(on_postgresql.engine)


def test_imports_take_turns_however_long_one_takes(on_postgresql: KeptStore) -> None:
    """A second roll import waits for the first, however long this takes. Statistics do not wait."""
    engine = on_postgresql.engine

    def lock() -> str:
        with on_postgresql.store.write() as transaction:
            assert isinstance(transaction, SqlTransaction)
            connection = transaction.connection
            connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            transaction.roll.lock()
            return str(connection.exec_driver_sql("SHOW lock_timeout").scalar_one())

    def waits_longer() -> bool:
        with engine.connect() as connection:
            return bool(connection.exec_driver_sql(WAITING).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        with on_postgresql.store.write() as first:
            first.roll.lock()
            second = pool.submit(lock)
            eventually(lambda: second.done() or waits_longer(), "a second import that waits")
            with engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '3s'")
                connection.exec_driver_sql("ANALYZE voters")
            assert not second.done()
        assert second.result(PATIENCE) == "50ms"
