"""`retrouve move` copies the database from SQLite to PostgreSQL and back."""

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import Connection, NullPool, create_engine, insert, inspect, text
from sqlalchemy.exc import OperationalError

from core.adapters.sql import copy_database
from core.adapters.sql.copy_database import DatabaseCopyRefused, TableChecksum
from core.adapters.sql.engine import open_engine
from core.adapters.sql.tables import gaps, hosts, metadata
from core.delivery.journal_sealer import JournalSealer
from core.ports import (
    EVERYWHERE,
    AgentRole,
    CallBack,
    CallBackOrigin,
    CallRecord,
    CodeCounts,
    HandOver,
    Incident,
    IncidentScope,
    SmsDeliveryStatus,
    Transaction,
)
from core.text.faces import move_cli_sentences as words
from core.text.faces.call_sentences import CallOutcome, ContactReason, HandOverReason
from tests.support.commands import run
from tests.support.desk import an_approval_request
from tests.support.election import CAMILLE, GOOD, NOON, STRANGER, entry, visit
from tests.support.failing_commit import failing_commit
from tests.support.folders import copied_folder, world_in
from tests.support.product import eventually
from tests.support.reissues import reissuer
from tests.support.stores import ROWS, create_tables, new_database
from tests.support.worlds import World

MOVED = "database-moved"
HELD = 1
"""Number of the advisory lock for which an insertion into `voters` waits."""
HOLD_INSERTIONS = f"""
CREATE SCHEMA held;
CREATE FUNCTION held.wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({HELD});
    RETURN NULL;
END $$;
CREATE FUNCTION held.add_trigger() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.voters') THEN
        CREATE TRIGGER held AFTER INSERT ON voters FOR EACH STATEMENT EXECUTE FUNCTION held.wait();
    END IF;
END $$;
CREATE EVENT TRIGGER held ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION held.add_trigger();
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
PATIENCE = 180


@pytest.fixture
def target() -> str:
    """An empty PostgreSQL database."""
    return new_database()


@pytest.fixture(scope="module")
def full_election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an election that has rows in every table. Each test moves a copy of it."""
    folder = tmp_path_factory.mktemp("lived") / "election"
    copied_folder(folder)
    with world_in(folder) as world:
        fill_tables(world)
    return folder


@pytest.fixture
def folder(full_election: Path, tmp_path: Path) -> Path:
    return Path(copytree(full_election, tmp_path / "election"))


def fill_tables(world: World) -> None:
    addresses = [f"voter{number}@ac-lumiere.example" for number in range(30)]
    world.add(entry(), *(entry(address, last_name="N’Diaye Łukasz 🗳", phone_digest=b"\0\xff") for address in addresses))
    world.ask(STRANGER)
    world.with_password(email=addresses[0])
    world.sessions.sign_in(addresses[0], GOOD, visit())
    world.link(addresses[1])
    world.ask(addresses[2])
    with world.store.write() as transaction:
        transaction.reports.record_report(1, SmsDeliveryStatus.DELIVERED, NOON)
        transaction.reports.record_answer(b"\0\xff", NOON)
        transaction.spending.add(NOON.date(), EVERYWHERE, CodeCounts(sent=2, verified=1))
        transaction.agents.add("camille", role=AgentRole.AGENT, password_hash="hash", secret=b"\0\xff", at=NOON)
        transaction.forms.count(b"\0\xff", now=NOON, window=timedelta(hours=1))
        fill_desk_tables(transaction)
    reissuer(world, "reissued@ac-lumiere.example").receive()
    reissuer(world, "waiting@ac-lumiere.example").asked(phone="+33687654321")
    notary = JournalSealer(dependencies=world.dependencies, board=None)
    notary.seal()
    notary.publish_checkpoint(at_once=True)
    with world.kept.engine.begin() as connection:
        connection.execute(insert(gaps), {"first": 900, "last": 901})
        connection.execute(insert(hosts), {"host": "vote-1", "seen": NOON, "ahead": 0})


def fill_desk_tables(transaction: Transaction) -> None:
    """Add a call, a call-back, a handed-over file, an approval request and an incident."""
    transaction.calls.add(
        CallRecord(agent="camille", began=NOON, ended=NOON, outcome=CallOutcome.CALL_BACK, voter=1, case="AAAA-AAAA")
    )
    transaction.call_backs.add(
        CallBack(
            origin=CallBackOrigin.WEB_FORM,
            reason=next(iter(ContactReason)),
            voter=None,
            case="AAAA-AAAA",
            asked=NOON,
            due=NOON,
            until=NOON,
        )
    )
    transaction.hand_overs.add(
        HandOver(
            reason=next(iter(HandOverReason)), voter=1, case=None, given_by="camille", given_to="dominique", given=NOON
        )
    )
    transaction.signature_requests.add(an_approval_request(1))
    transaction.incidents.add(
        Incident(
            scope=IncidentScope.ACADEMIE, subject="Lumière", sentence="mail-late", minutes=45, began=NOON, until=NOON
        )
    )


def tables_in(url: str) -> list[str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return inspect(connection).get_table_names()


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return list(connection.iterdump())


def rows_in(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows, sorted, without the events about the move."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        rows = {
            table.name: sorted(
                (tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}")),  # noqa: S608  # our own tables
                key=repr,
            )
            for table in metadata.sorted_tables
        }
    return {name: [row for row in found if MOVED not in row] for name, found in rows.items()}


# ── Completed moves ──────────────────────────────────────────────────────────────────────────────────────


def test_every_row_is_copied_and_the_source_unchanged(folder: Path, target: str) -> None:
    """Every row is copied, the source is not changed, and a second move to the same target is refused."""
    before = contents(folder)

    result = run(folder, "move", target)

    assert result.exit_code == 0, result.output
    assert all(rows_in(target).values())
    assert rows_in(target) == rows_in(f"sqlite:///{folder / 'retrouve.sqlite3'}")
    assert contents(folder) == before
    assert f'database_url = "{target}"' in result.output
    counted = "relname FROM pg_class WHERE reltuples >= 0 AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
    for statement, found in (("count(*) FROM events WHERE act = 'database-moved'", [(1,)]), (counted, [])):
        with create_engine(target, poolclass=NullPool).connect() as connection:
            assert connection.exec_driver_sql(f"SELECT {statement}").all() == found
    again = run(folder, "move", target)
    assert (again.exit_code, "n'est pas vide" in again.output) == (1, True)


def test_the_move_back_gives_the_same(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move to PostgreSQL and back gives the same rows."""
    there = run(folder, "move", target)
    monkeypatch.setenv("RETROUVE_DATABASE_URL", target)

    back = run(folder, "move", "sqlite:///back.sqlite3")

    assert back.exit_code == 0, back.output
    assert rows_in(f"sqlite:///{folder / 'back.sqlite3'}") == rows_in(f"sqlite:///{folder / 'retrouve.sqlite3'}")
    assert (folder / "back.sqlite3").stat().st_mode & 0o777 == 0o600
    digests = [[line for line in result.output.splitlines() if "empreinte" in line] for result in (there, back)]
    differing = [line for line in digests[0] if line not in digests[1]]
    assert [line.split()[0] for line in differing] == ["events"], "the first move is an event of the second"
    assert len(digests[0]) == len(metadata.sorted_tables)


def test_empty_tables_of_this_version_are_an_empty_target(folder: Path, target: str) -> None:
    """A target that has only empty tables of this version is accepted."""
    create_tables(target)

    assert run(folder, "move", target).exit_code == 0


def test_a_case_begun_on_sqlite_ends_on_postgresql(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that was begun on SQLite can be finished on PostgreSQL, and new rows get the next ids."""
    with world_in(folder) as world:
        handle = world.ask(CAMILLE)
        number = world.number(handle)
    run(folder, "move", target)
    monkeypatch.setenv("RETROUVE_DATABASE_URL", target)

    with world_in(folder) as world:
        assert world.number(handle) == number
        world.courier().run_once()
        world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
        world.courier().run_once()
        signed = world.sessions.sign_in(CAMILLE, GOOD, visit())
        world.add(entry("later@ac-lumiere.example"))

        assert signed.session is not None
        assert world.acts(number) == ["asked", "link-decided", "mail-accepted", "password-chosen", "mail-accepted"]
    ids = [row[0] for row in rows_in(target)["voters"]]
    assert sorted(ids, key=int) == list(range(1, len(ids) + 1))  # type: ignore[call-overload]  # ids are whole numbers


# ── Interrupted moves ────────────────────────────────────────────────────────────────────────────────────


class Interruption(Exception):
    """Raised by tests to interrupt a move."""


def copy(folder: Path, target: str, progress: Callable[[int], None] = lambda _rows: None) -> None:
    source, there = open_engine(f"sqlite:///{folder / 'retrouve.sqlite3'}"), open_engine(target)
    try:
        copy_database.copy_database(source, there, ROWS, progress)
    finally:
        source.dispose()
        there.dispose()


def interrupt_at(readings: int) -> Callable[[int], None]:
    """Return a progress callback that interrupts the move at the given reading."""
    left = count(readings - 1, -1)

    def progress(_rows: int) -> None:
        if not next(left):
            raise Interruption

    return progress


def test_an_interrupted_move_changes_neither_database(folder: Path, target: str) -> None:
    """An interrupted move changes neither database, and a second move succeeds."""
    before = contents(folder)
    for reading in (1, 8, 15, 21):  # the first of each third, and the last
        with pytest.raises(Interruption):
            copy(folder, target, interrupt_at(reading))

        assert tables_in(target) == []
        assert contents(folder) == before
    assert run(folder, "move", target).exit_code == 0


def test_a_killed_move_leaves_an_empty_target(folder: Path, target: str) -> None:
    """A move that is killed while it writes leaves the target empty."""
    before = contents(folder)
    # A process in the background ignores SIGINT, which its children inherit.
    patient = f"{target}?connect_timeout=60"  # a server on a busy machine may be slow to answer
    command = ["env", "--default-signal=INT", sys.executable, "-m", "cli", "move", patient, "--dir", str(folder)]
    with create_engine(target, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as holder:
        holder.execute(text(HOLD_INSERTIONS))
        for wish in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            holder.execute(text(f"SELECT pg_advisory_lock({HELD})"))
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                eventually(lambda: holder.execute(text(WAITING)).scalar_one(), "a move that writes", PATIENCE)
                process.send_signal(wish)
                assert process.wait(PATIENCE) != 0
            finally:
                process.kill()
                process.wait()
            holder.execute(text(f"SELECT pg_advisory_unlock({HELD})"))
            eventually(lambda: not holder.execute(text(OTHERS)).scalar_one(), "the end of its transaction")
            assert tables_in(target) == []
            assert contents(folder) == before
        holder.execute(text("DROP EVENT TRIGGER held"))

    assert run(folder, "move", target).exit_code == 0


def test_a_move_whose_commit_has_no_answer_says_that_nobody_knows(folder: Path, target: str) -> None:
    """If the commit of a move gets no answer, the command says that the outcome is unknown."""

    def commit_without_answer(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.connection.commit()
            raise OperationalError("", None, sqlite3.OperationalError("gone"))

    with failing_commit(commit_without_answer):
        lost = run(folder, "move", target)

    assert (lost.exit_code, "nul ne sait si la copie y est" in lost.output) == (1, True)
    assert "Rien n'est resté" not in lost.output
    assert "n'est pas vide" in run(folder, "move", target).output
    with create_engine(target, poolclass=NullPool).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events WHERE act = 'database-moved'").scalar_one() == 1


def test_a_move_to_a_sqlite_file_whose_commit_fails_leaves_nothing(folder: Path) -> None:
    """If the commit to a new SQLite file fails, the file is removed."""

    def fail(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            raise OperationalError("", None, sqlite3.OperationalError("disk I/O error"))

    with failing_commit(fail):
        failed = run(folder, "move", "sqlite:///back.sqlite3")

    assert (failed.exit_code, "Rien n'est resté" in failed.output) == (1, True)
    assert not (folder / "back.sqlite3").exists()


# ── Refused moves ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number_of_rows", ["other", "same"])
def test_a_source_that_changes_during_the_move_is_reported(folder: Path, target: str, number_of_rows: str) -> None:
    """A move is refused if its source changes meanwhile, because the changes would be lost."""
    left = count(1, -1)

    def change(_rows: int) -> None:
        if next(left) <= 0:
            return
        if number_of_rows == "other":
            with world_in(folder) as world:
                world.ask(CAMILLE)
        else:
            with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
                connection.execute("UPDATE voters SET first_name = 'Dominique' WHERE id = 3")

    with pytest.raises(DatabaseCopyRefused, match=re.escape(words.CHANGED.msgid)) as refused:
        copy(folder, target, change)

    assert number_of_rows == "other" or refused.value.reason == words.CHANGED.fill({"table": "voters"})
    assert tables_in(target) == []


def test_a_copy_with_other_rows_is_refused(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move is refused if the copied rows differ from the source."""
    number_on = copy_database.set_sequences

    def spoil(connection: copy_database.Connection) -> None:
        number_on(connection)
        connection.execute(text("UPDATE voters SET last_name = 'Martim' WHERE last_name = 'Martin'"))

    monkeypatch.setattr(copy_database, "set_sequences", spoil)
    with pytest.raises(DatabaseCopyRefused, match=re.escape(words.DIFFERENT.msgid)):
        copy(folder, target)

    assert tables_in(target) == []


def test_a_target_with_tables_of_another_program_is_left_unchanged(folder: Path, target: str) -> None:
    """A target with tables of another program is refused, even if they are empty."""
    with create_engine(target, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE accounts (id int)"))

    result = run(folder, "move", target)

    assert (result.exit_code, "n'est pas vide" in result.output) == (1, True)
    assert tables_in(target) == ["accounts"]


def test_a_database_in_use_is_not_moved(folder: Path, target: str) -> None:
    """A move is refused while another process has the database open."""
    with world_in(folder) as world:
        world.voter()

        result = run(folder, "move", target)

    assert result.exit_code == 1
    assert "Arrêtez serve, courier et deskd" in result.output
    assert tables_in(target) == []


def test_an_invalid_database_address_is_reported(folder: Path) -> None:
    """An invalid target address, or the source itself, is refused."""
    for url in ("mysql://db/vote", "nonsense", "sqlite://", "postgresql+psycopg://", "postgresql+pg8000://db/vote"):
        result = run(folder, "move", url)
        assert (result.exit_code, "SQLite ou PostgreSQL" in result.output) == (1, True), url
    assert "déjà celle" in run(folder, "move", "sqlite:///retrouve.sqlite3").output


def test_a_target_without_an_encoding_is_refused(folder: Path) -> None:
    """A PostgreSQL database with the encoding SQL_ASCII is refused, with the command to create another."""
    result = run(folder, "move", new_database("template0 ENCODING 'SQL_ASCII'"))

    assert result.exit_code == 1
    assert "Cette base est en SQL_ASCII" in result.output
    assert "createdb --encoding=UTF8" in result.output


def test_a_server_that_does_not_answer_is_reported_without_password(folder: Path) -> None:
    """A server that does not answer is reported without its password."""
    result = run(folder, "move", "postgresql+psycopg://vote:hush@127.0.0.1:1/vote")

    assert result.exit_code == 1
    assert "La base de départ est intacte" in result.output
    assert "hush" not in result.output


def test_a_failed_move_removes_its_sqlite_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused move removes the SQLite file that it has created."""

    def refuse(*_: object) -> None:
        raise DatabaseCopyRefused(words.NOT_EMPTY, "voters")

    monkeypatch.setattr(copy_database, "copy_database", refuse)

    assert run(folder, "move", "sqlite:///back.sqlite3").exit_code == 1
    assert not (folder / "back.sqlite3").exists()


def test_a_table_digest_depends_on_rows_and_not_on_their_order() -> None:
    """The checksum of a table depends on its rows, but not on their order."""
    forwards, backwards, twice = TableChecksum(), TableChecksum(), TableChecksum()
    for tally, rows in ((forwards, "abc"), (backwards, "cba"), (twice, "abb")):
        for row in rows:
            tally.add((row, None, b"\0"))

    assert forwards == backwards
    assert forwards != twice
