"""CASE 55: if PostgreSQL stops answering, a transaction ends with a true statement about its result."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Barrier
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.sql import commits, deadlines, outages
from core.adapters.sql.database_check import DatabaseTablesAndKeysCheck, write_properties
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.adapters.sql.transaction import SqlTransaction
from core.flows.registry import states_by_flow
from core.ports import Actor, CommitOutcomeUnknown, Event, EventType, StoreUnavailable, Transaction
from tests.support.election import NOON, SeededRandomSource, vault
from tests.support.lossy_proxy import Loss, LossyProxy, lossy_proxy
from tests.support.postgres import Postgres, postgresql
from tests.support.product import eventually, free_port
from tests.support.stores import create_tables, writing

LINE = Event(at=NOON, actor=Actor.OPERATOR, act=EventType.ROLL_IMPORTED)
SHORT_SECONDS, LONG_SECONDS = 0.3, 180.0
SECONDS_TOGETHER = 180
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL server with empty tables of this version."""
    with postgresql() as found:
        create_tables(f"{found.url}/postgres")
        yield found


@pytest.fixture
def proxy(server: Postgres) -> Iterator[LossyProxy]:
    """A proxy in front of the server, which can lose requests and answers."""
    with lossy_proxy(server.port) as made:
        yield made


@pytest.fixture
def store(server: Postgres, proxy: LossyProxy) -> Iterator[SqlStore]:
    """A store that reaches the server through the proxy, with an empty journal."""
    engine = open_engine(f"{server.url}/postgres")
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE events"))
    engine.dispose()
    through = open_engine(f"{server.url}/postgres".replace(str(server.port), str(proxy.port)))
    opened = SqlStore(through, states_by_flow(), RowAuthenticator(vault(SeededRandomSource())))
    yield opened
    proxy.loss = Loss.NOTHING
    opened.close()


def write(store: SqlStore, proxy: LossyProxy, loss: Loss) -> None:
    """Write an event, and lose the requests or answers from its COMMIT on."""
    with store.write() as transaction:
        assert read(transaction) == []
        transaction.journal.write(LINE)
        proxy.loss = loss


@contextmanager
def repaired(proxy: LossyProxy, *, after: float) -> Iterator[None]:
    """Repair the proxy some seconds after it has cut a connection during the block."""
    cuts = proxy.cuts

    def repair() -> None:
        eventually(lambda: proxy.cuts > cuts, "a cut connection")
        time.sleep(after)
        proxy.loss = Loss.NOTHING

    with ThreadPoolExecutor(1) as pool:
        repairing = pool.submit(repair)
        yield
        repairing.result()


def patiently() -> AbstractContextManager[object]:
    """Let the store look for the event as long as a busy machine needs."""
    return patch.object(commits, "PATIENCE_SECONDS", LONG_SECONDS)


def add(store: SqlStore) -> None:
    writing(store).journal.write(LINE)


def read(transaction: Transaction) -> list[Event]:
    return transaction.journal.of_case("7F3K-92QD")


def look(store: SqlStore) -> None:
    """Read in a separate transaction."""
    with store.read() as transaction:
        read(transaction)


def meet_silence(store: SqlStore, proxy: LossyProxy) -> None:
    """Let a transaction wait in vain for an answer of the server."""
    proxy.loss = Loss.SILENCE
    with patch.object(deadlines, "ANSWER_SECONDS", SHORT_SECONDS), pytest.raises(StoreUnavailable):
        look(store)
    proxy.loss = Loss.NOTHING


def count(server: Postgres) -> int:
    """Return the number of events in the database."""
    engine = open_engine(f"{server.url}/postgres")
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT count(*) FROM events")).scalar_one()
    engine.dispose()
    return found


def test_commit_that_happened_is_no_failure(server: Postgres, proxy: LossyProxy, store: SqlStore) -> None:
    """If only the answer to COMMIT is lost, the store finds the event over a new connection and reports success."""
    with patiently(), repaired(proxy, after=0.1):
        write(store, proxy, Loss.ANSWERS)

    assert count(server) == 1


def test_commit_that_did_not_happen_is_one(server: Postgres, proxy: LossyProxy, store: SqlStore) -> None:
    """If the COMMIT itself is lost, the store reports that nothing was done."""
    with patiently(), repaired(proxy, after=0.1), pytest.raises(StoreUnavailable) as raised:
        write(store, proxy, Loss.REQUESTS)

    assert not isinstance(raised.value, CommitOutcomeUnknown)
    assert count(server) == 0


@pytest.mark.parametrize("loss", [Loss.ANSWERS, Loss.REQUESTS])
def test_nobody_knows_while_the_server_is_away(
    server: Postgres, proxy: LossyProxy, store: SqlStore, loss: Loss
) -> None:
    """If no new connection is possible after a lost COMMIT, the store reports an unknown outcome."""
    with patch.object(commits, "PATIENCE_SECONDS", SHORT_SECONDS), pytest.raises(CommitOutcomeUnknown):
        write(store, proxy, loss)

    eventually(lambda: count(server) == (loss is Loss.ANSWERS), "what the server made of it")


def test_check_of_a_silent_server_is_given_up(server: Postgres, proxy: LossyProxy) -> None:
    """A check of the database that gets no answer ends with an error, and later transactions work again."""
    keys = vault(SeededRandomSource())
    engine = open_engine(f"{server.url}/postgres")
    with engine.begin() as connection:
        write_properties(connection, keys)
    engine.dispose()
    through = open_engine(f"{server.url}/postgres".replace(str(server.port), str(proxy.port)))
    store = SqlStore(
        through,
        states_by_flow(),
        RowAuthenticator(keys),
        DatabaseTablesAndKeysCheck(keys, DatabaseSyncedClock()),
    )
    store.check()
    proxy.loss = Loss.SILENCE
    with patch.object(deadlines, "ANSWER_SECONDS", SHORT_SECONDS), pytest.raises(StoreUnavailable):
        store.check()
    proxy.loss = Loss.NOTHING

    look(store)
    store.close()


def test_silent_server_is_given_up(proxy: LossyProxy, store: SqlStore) -> None:
    """After a transaction that got no answer, the store opens new connections and works again."""
    with store.read() as first, store.read() as second:
        assert read(first) == read(second) == []
    meet_silence(store, proxy)
    met = len(proxy.connections)

    look(store)
    with store.read() as first, store.read() as second:
        assert read(first) == read(second) == []

    assert len(proxy.connections) == met + 4  # each connection has two ends


def test_connection_whose_end_sqlalchemy_met_is_unavailable(proxy: LossyProxy, store: SqlStore) -> None:
    """A connection that is lost between two statements is reported as an unavailable database."""
    with pytest.raises(StoreUnavailable):
        lose_between_two_statements(store, proxy)
    proxy.loss = Loss.NOTHING

    look(store)


def lose_between_two_statements(store: SqlStore, proxy: LossyProxy) -> None:
    """Read the end of the hash chain twice, and lose the connection in between."""
    with store.read() as transaction:
        transaction.chain.end()
        proxy.loss = Loss.REQUESTS
        transaction.chain.end()


def test_one_at_a_time_tries_a_server_that_does_not_answer(proxy: LossyProxy, store: SqlStore) -> None:
    """While one transaction tries a server that did not answer, another transaction is refused without a connection."""
    look(store)
    meet_silence(store, proxy)
    with store.read() as trying:
        read(trying)
        met = len(proxy.connections)
        with pytest.raises(StoreUnavailable, match="no answer yet"):
            in_another_thread(lambda: look(store))
        assert len(proxy.connections) == met

    in_another_thread(lambda: look(store))


def test_who_waited_goes_on_beside_the_others_once_one_was_answered(proxy: LossyProxy, store: SqlStore) -> None:
    """Once a silent server has answered one transaction, all waiting transactions run at the same time."""
    look(store)
    meet_silence(store, proxy)
    together = Barrier(3)

    def wait_inside() -> None:
        with store.read() as transaction:
            read(transaction)
            together.wait(SECONDS_TOGETHER)

    with patch.object(outages, "PATIENCE_SECONDS", LONG_SECONDS), ThreadPoolExecutor(2) as others:
        with store.read() as trying:
            waiting = [others.submit(wait_inside) for _ in range(2)]
            read(trying)
        together.wait(SECONDS_TOGETHER)
        for each in waiting:
            each.result()


def test_case_55_server_that_only_reads_is_left(server: Postgres, proxy: LossyProxy, store: SqlStore) -> None:
    """CASE 55: after a write was refused by a read-only server, the store opens all connections again."""
    with store.write() as transaction:
        assert isinstance(transaction, SqlTransaction)
        transaction.connection.execute(text("SET default_transaction_read_only = on"))
    met = len(proxy.connections)
    with pytest.raises(StoreUnavailable):
        add(store)

    add(store)

    assert len(proxy.connections) > met
    assert count(server) == 1


@pytest.fixture
def standby_reset(server: Postgres, store: SqlStore) -> Iterator[None]:  # noqa: ARG001  # its journal is emptied first
    """Remove the standby settings of the server after the test."""
    yield
    administer(server, "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")


@pytest.fixture
def no_standby(server: Postgres, standby_reset: None) -> None:  # noqa: ARG001  # which follows
    lose_standby(server)


@pytest.mark.usefixtures("no_standby")
def test_standby_that_stands_still_makes_the_outcome_unknown(store: SqlStore) -> None:
    """If the synchronous standby never confirms a COMMIT, the store reports an unknown outcome."""
    with pytest.raises(CommitOutcomeUnknown):
        add_and_commit_impatiently(store)


def add_and_commit_impatiently(store: SqlStore) -> None:
    """Write an event, and wait only a moment for its COMMIT."""
    with ExitStack() as from_commit, store.write() as transaction:
        transaction.journal.write(LINE)
        read(transaction)
        from_commit.enter_context(patch.object(deadlines, "ANSWER_SECONDS", SHORT_SECONDS))
        from_commit.enter_context(patch.object(commits, "PATIENCE_SECONDS", SHORT_SECONDS))


@pytest.mark.usefixtures("no_standby")
def test_cancelled_wait_for_the_standby_is_no_success(server: Postgres, store: SqlStore) -> None:
    """If an administrator cancels the wait for the standby, the store does not take the COMMIT for a success."""
    with patch.object(deadlines, "ANSWER_SECONDS", LONG_SECONDS), ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add, store)
        eventually(lambda: administer(server, CANCEL) or adding.done(), "the end of its wait for the standby")
        with pytest.raises(CommitOutcomeUnknown):
            adding.result()


@pytest.mark.parametrize("loss", [Loss.ANSWERS, Loss.REQUESTS])
@pytest.mark.usefixtures("standby_reset")
def test_server_without_its_standby_knows_no_outcome(
    server: Postgres, proxy: LossyProxy, store: SqlStore, loss: Loss
) -> None:
    """The journal of a server that has lost its standby is not believed, so the outcome of a lost COMMIT is unknown."""
    with patch.object(commits, "PATIENCE_SECONDS", LONG_SECONDS), ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, store, proxy, loss)
        eventually(lambda: proxy.loss is loss, "a COMMIT on its way")
        lose_standby(server)
        proxy.loss = Loss.NOTHING
        eventually(lambda: administer(server, CANCEL) or writing.done(), "the end of its wait for the standby")
        with pytest.raises(CommitOutcomeUnknown):
            writing.result()


def test_lock_that_is_held_ends_the_wait_on_the_server(server: Postgres, store: SqlStore) -> None:
    """The server itself cancels a statement that waits too long for a lock, so it does not run later."""
    engine = open_engine(f"{server.url}/postgres")
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE events"))
        with pytest.raises(StoreUnavailable):
            add(store)
    engine.dispose()

    assert count(server) == 0


def in_another_thread(act: Callable[[], object]) -> None:
    """Call a function in another thread, and raise its exception."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()


def lose_standby(server: Postgres) -> None:
    """Make the server wait for a standby that does not exist."""
    administer(server, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    eventually(lambda: not commits_at_once(server), "a server that waits for its standby")


def commits_at_once(server: Postgres) -> bool:
    """Return whether a commit ends without waiting for the standby."""
    told: list[str | None] = []

    def commit() -> None:
        with psycopg.connect(f"{server.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
            connection.add_notice_handler(lambda notice: told.append(notice.source_function))
            connection.execute("SELECT pg_logical_emit_message(true, 'test', '')")

    with ThreadPoolExecutor(1) as pool:
        committing = pool.submit(commit)
        eventually(lambda: administer(server, CANCEL) or committing.done(), "the end of a commit")
        committing.result()
    return told == []


def administer(server: Postgres, *commands: str) -> None:
    """Run commands as the database's administrator, without waiting for a standby."""
    with psycopg.connect(f"{server.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        for command in commands:
            connection.execute(command.encode())


def test_the_host_that_led_to_the_primary_is_tried_first_and_last_once_it_failed(server: Postgres) -> None:
    """The host that last led to the primary is tried first, and it is tried last after it has failed."""
    gone, tried = str(free_port()), list[str]()
    with ExitStack() as until_it_ends:
        here = str(until_it_ends.enter_context(lossy_proxy(server.port)).port)
        engine = open_engine(
            f"postgresql+psycopg://postgres@/postgres?host=127.0.0.1:{gone}&host=127.0.0.1:{here}&connect_timeout=60"
        )
        connect = engine.dialect.connect

        def watched(**given: str) -> object:
            tried.append(given["port"])
            return connect(**given)

        with patch.object(engine.dialect, "connect", watched):
            for _ in range(2):
                engine.connect().invalidate()
            until_it_ends.close()
            for _ in range(3):
                with pytest.raises(OperationalError):
                    engine.connect()

    first, last = f"{here},{gone}", f"{gone},{here}"
    assert tried == [last, first, first, last, last]
