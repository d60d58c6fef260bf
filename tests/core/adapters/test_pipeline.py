"""PostgreSQL gets the writes of a transaction in few round trips, and an error among them is handled."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from psycopg.pq.abc import PGresult
from sqlalchemy import text

from core.adapters.sql.engine import open_snapshot_transaction, writing_connection
from core.adapters.sql.postgresql_pipeline import SESSION_SETTINGS, PipelinedPostgresqlDriver, PipelinedStatement
from core.adapters.sql.retention import DatabaseNotRewritten, rewrite_database
from core.adapters.sql.sql_transaction import SqlTransaction
from core.flows.password.states import CaseOpenedByDesk
from core.ports import Actor, ConflictError, Event, EventType, MessageKind, RecoveryCase, StoreUnavailable
from tests.conformance.polling_and_parallel_calls import eventually
from tests.support.election import CAMILLE, NOON, entry
from tests.support.stores import STORES, KeptStore, reading, writing
from tests.support.worlds import world

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


@contextmanager
def round_trips() -> Iterator[list[Sequence[PipelinedStatement]]]:
    """Collect the batch of each round trip."""
    batches: list[Sequence[PipelinedStatement]] = []
    unwatched = PipelinedPostgresqlDriver._exchange

    def exchange(pipeline: PipelinedPostgresqlDriver, batch: Sequence[PipelinedStatement]) -> list[PGresult]:
        if batch is not SESSION_SETTINGS:  # of a new connection
            batches.append(batch)
        return unwatched(pipeline, batch)

    with patch.object(PipelinedPostgresqlDriver, "_exchange", exchange):
        yield batches


def move_case(kept: KeptStore, *, times: int = 1) -> None:
    """Write a journal line and move the same version of the case, which succeeds once."""
    with kept.store.write() as transaction:
        transaction.journal.write(LINE)
        for _ in range(times):
            transaction.recoveries.update_state(CASE, THEN)


def add_case(kept: KeptStore) -> None:
    """Add the case."""
    writing(kept.store).recoveries.add(CASE)


def test_all_writes_of_a_transaction_take_one_round_trip(on_postgresql: KeptStore) -> None:
    """All writes take one round trip and COMMIT another, or one in all where no row count decides, and an empty or abandoned transaction takes none."""
    add_case(on_postgresql)

    with round_trips() as moving:
        move_case(on_postgresql)
    with round_trips() as writing, on_postgresql.store.write() as transaction:
        transaction.journal.write(LINE)
        transaction.journal.write(LINE)

    assert len(moving) == 2
    assert len(writing) == 1

    with round_trips() as batches:
        with on_postgresql.store.write():
            pass
        with on_postgresql.store.read():
            pass

    assert batches == []

    with round_trips() as batches, on_postgresql.store.read() as transaction:
        transaction.recoveries.by_handle(CASE.handle)
    with round_trips() as alone, on_postgresql.store.read(one_instant=False) as transaction:
        transaction.recoveries.by_handle(CASE.handle)

    assert [len(batch) for batch in batches] == [2, 1]
    assert [len(batch) for batch in alone] == [1]
    written = on_postgresql.events()

    def abandon() -> None:
        with on_postgresql.store.write() as transaction:
            transaction.journal.write(LINE)
            raise LookupError

    with round_trips() as batches, pytest.raises(LookupError):
        abandon()

    assert (batches, on_postgresql.events()) == ([], written)


def test_a_mail_takes_two_round_trips(on_postgresql: KeptStore) -> None:
    """A mail takes two round trips, for the decision with the end of the former mail, and for COMMIT."""
    election = world(on_postgresql)
    mails = {}
    for number in (1, 3):
        addresses = [f"{number}.{each}@ac-lumiere.example" for each in range(number)]
        election.add(*map(entry, addresses))
        for address in addresses:
            election.ask(address)
        with round_trips() as batches:
            election.courier().run_once()
        mails[number] = len(batches)

    assert mails[3] - mails[1] == 4


def test_a_conflict_rolls_back_and_keeps_the_connection(on_postgresql: KeptStore) -> None:
    """A conflict rolls the whole transaction back, the connection can be used again, and the server's log stays empty."""
    add_case(on_postgresql)
    for _ in range(2):
        with pytest.raises(ConflictError):
            move_case(on_postgresql, times=2)

    move_case(on_postgresql)

    assert on_postgresql.events() == 1

    results: list[PGresult] = []
    check = PipelinedStatement.check

    def noted(statement: PipelinedStatement, result: PGresult) -> None:
        results.append(result)
        check(statement, result)

    with patch.object(PipelinedStatement, "check", noted), pytest.raises(ConflictError):
        move_case(on_postgresql, times=2)

    assert {result.error_message for result in results} <= {"", b""}


def test_the_only_write_of_a_transaction_goes_with_its_commit(on_postgresql: KeptStore) -> None:
    """The only write of a transaction goes with its COMMIT, a conflict is still one, and one after other writes undoes them."""
    add_case(on_postgresql)

    def move() -> None:
        writing(on_postgresql.store).recoveries.update_state(CASE, THEN)

    with round_trips() as batches:
        move()
    with round_trips() as conflicting, pytest.raises(ConflictError):
        move()

    assert [len(batches), len(conflicting)] == [1, 1]

    def move_after_a_line() -> None:
        with on_postgresql.store.write() as transaction:
            transaction.journal.write(LINE)
            assert transaction.outbox.backlog().waiting == 0  # what was queued is sent first
            transaction.recoveries.update_state(CASE, THEN)

    with pytest.raises(ConflictError):
        move_after_a_line()
    assert on_postgresql.events() == 0


def test_a_conflict_is_reported_before_a_later_error(on_postgresql: KeptStore) -> None:
    """A conflict is reported before the error of a later statement in the same batch."""

    def move_and_expect() -> None:
        with on_postgresql.store.write() as transaction:
            transaction.recoveries.update_state(CASE, THEN)
            transaction.awaited_codes.await_code(b"phone", CASE.number, NOON)

    with pytest.raises(ConflictError):
        move_and_expect()


def test_every_commit_is_durable(on_postgresql: KeptStore) -> None:
    """A commit waits for the disk, even where the server's own setting says not to."""
    with on_postgresql.store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        assert transaction.connection().execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_reads_of_one_transaction_see_one_snapshot(on_postgresql: KeptStore) -> None:
    """All reads of a transaction see one snapshot, through the pipeline and through SQLAlchemy's connection."""
    with on_postgresql.store.read() as transaction:
        assert isinstance(transaction, SqlTransaction)
        assert transaction.connection().execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
        assert transaction.recoveries.by_handle(CASE.handle) is None
        add_case(on_postgresql)
        assert transaction.recoveries.by_handle(CASE.handle) is None


def test_statements_run_by_sqlalchemy_come_after_queued_ones(on_postgresql: KeptStore) -> None:
    """Statements that SQLAlchemy runs come after the queued ones of the transaction."""
    with on_postgresql.store.write() as transaction:
        transaction.journal.write(LINE)
        assert transaction.chain.count_unsealed().waiting == 1
        transaction.outbox.put(kind=MessageKind.ASK, case=CASE.number, at=NOON, useful_until=NOON)
        assert transaction.outbox.backlog().waiting == 1


def test_a_statement_that_could_not_be_prepared_is_prepared_later(on_postgresql: KeptStore) -> None:
    """A statement that could not be prepared while its table was missing is prepared later."""
    with on_postgresql.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO away"))
    with pytest.raises(StoreUnavailable), on_postgresql.store.read() as transaction:
        transaction.sessions.find(b"digest")
    with on_postgresql.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO sessions"))

    assert reading(on_postgresql.store).sessions.find(b"digest") is None


def test_a_connection_with_an_interrupted_exchange_is_closed(on_postgresql: KeptStore) -> None:
    """A connection whose exchange was interrupted is closed, because answers may still be under way."""
    with (
        patch.object(PipelinedPostgresqlDriver, "_result", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        add_case(on_postgresql)

    add_case(on_postgresql)


def test_the_stores_limit_ends_no_long_work_of_a_command(on_postgresql: KeptStore) -> None:
    """Commands that read, write or rewrite a million rows on a connection that the store has used have no limit for a statement."""
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
    """While it waits for the lock, every page would wait behind it."""
    with on_postgresql.engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM voters")
        with pytest.raises(DatabaseNotRewritten, match="lock timeout"):
            rewrite_database(on_postgresql.engine)


def test_imports_take_turns_however_long_one_takes(on_postgresql: KeptStore) -> None:
    """A second import waits for the end of the first, longer than any page may; statistics and VACUUM do not wait."""
    engine = on_postgresql.engine

    def lock() -> str:
        with on_postgresql.store.write() as transaction:
            assert isinstance(transaction, SqlTransaction)
            connection = transaction.connection()
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
