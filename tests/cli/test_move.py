"""`retrouve move`, to the real PostgreSQL and back."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, NullPool, create_engine, insert, inspect, text

from cli.move import move
from core.adapters.sql import moving, schema
from core.adapters.sql.engine import open_engine
from core.adapters.sql.moving import CopyDiffers, SourceChanged, Tally, TargetNotEmpty
from core.adapters.sql.tables import gaps, metadata
from core.courier.notary import Notary
from core.ports import EVERYWHERE, Delivery, Role, Spent
from tests.support.election import CAMILLE, GOOD, NOON, STRANGER, entry, visit
from tests.support.folders import at_work, made_folder
from tests.support.postgres import postgres
from tests.support.product import eventually
from tests.support.reissues import reissuer
from tests.support.worlds import World

_numbers = count(1)
MANY = 8_000


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL of this file."""
    with postgres() as url:
        yield url


@pytest.fixture
def target(server: str) -> str:
    """An empty database there: no tables at all."""
    name = f"moved_{next(_numbers)}"
    run_on(f"{server}/postgres", f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An election in a folder, with a voter in every situation; each test moves a copy."""
    folder = tmp_path_factory.mktemp("lived") / "election"
    made_folder(folder)
    with at_work(folder) as world:
        lived_in(world)
    return folder


@pytest.fixture
def folder(lived: Path, tmp_path: Path) -> Path:
    """That election."""
    return Path(copytree(lived, tmp_path / "election"))


@pytest.fixture(scope="module")
def crowded(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a roll that takes a while to write; each test moves a copy."""
    folder = Path(copytree(lived, tmp_path_factory.mktemp("crowded") / "election"))
    with at_work(folder) as world:
        world.add(*(entry(f"many{number}@ac-lumiere.example") for number in range(MANY)))
    return folder


def lived_in(world: World) -> None:
    """Something in every table."""
    addresses = [f"voter{number}@ac-lumiere.example" for number in range(30)]
    world.add(entry(), *(entry(address, last_name="N’Diaye Łukasz 🗳", phone_digest=b"\0\xff") for address in addresses))
    world.ask(STRANGER)
    world.with_password(email=addresses[0])
    world.sessions.sign_in(addresses[0], GOOD, visit(), case="7F3K-92QD")
    world.link(addresses[1])
    world.ask(addresses[2])
    with world.store.write() as transaction:
        transaction.reports.note(1, Delivery.DELIVERED, NOON)
        transaction.reports.hear(b"\0\xff", NOON)
        transaction.spending.add(NOON.date(), EVERYWHERE, Spent(sent=2, verified=1))
        transaction.agents.add("camille", role=Role.AGENT, password="hash", secret=b"\0\xff", at=NOON)
    reissuer(world, "reissued@ac-lumiere.example").receive()
    reissuer(world, "waiting@ac-lumiere.example").asked(phone="+33687654321")
    notary = Notary(tools=world.tools, board=None)
    notary.seal()
    notary.attest(at_once=True)
    assert world.kept.engine is not None
    with world.kept.engine.begin() as connection:
        connection.execute(insert(gaps), {"first": 900, "last": 901})


def run_on(url: str, statement: str) -> None:
    """One statement of an administrator."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(statement))


def run(folder: Path, url: str) -> Result:
    """The command."""
    return CliRunner().invoke(move, [url, "--dir", str(folder)], catch_exceptions=False)


def tables_in(url: str) -> list[str]:
    """What a database has."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return inspect(connection).get_table_names()


def contents(folder: Path) -> list[str]:
    """All of the embedded database, as SQL."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return list(connection.iterdump())


def rows_in(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row, as the database itself writes it, in the order of its words."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}")),  # noqa: S608  # our own names
                key=repr,
            )
            for table in metadata.sorted_tables
        }


# ── Moved ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_row_is_there_and_the_source_untouched(folder: Path, target: str) -> None:
    """Compared row by row by this test, not only by the digests of the command."""
    before = contents(folder)

    result = run(folder, target)

    assert result.exit_code == 0, result.output
    assert all(rows_in(target).values())
    assert rows_in(target) == rows_in(f"sqlite:///{folder / 'retrouve.sqlite3'}")
    assert contents(folder) == before
    assert f'database_url = "{target}"' in result.output


def test_tables_that_will_grow_are_not_counted_while_they_are_small(folder: Path, target: str) -> None:
    """Or PostgreSQL would read them whole at each question until it counts them again."""
    assert run(folder, target).exit_code == 0

    engine = create_engine(target, poolclass=NullPool)
    counted = (
        "SELECT relname FROM pg_class WHERE reltuples >= 0 AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        assert connection.exec_driver_sql(counted).all() == []


def test_the_move_back_gives_the_same(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From PostgreSQL to a new SQLite file, for this account only."""
    there = run(folder, target)
    monkeypatch.setenv("RETROUVE_DATABASE_URL", target)

    back = run(folder, "sqlite:///back.sqlite3")

    assert back.exit_code == 0, back.output
    assert rows_in(f"sqlite:///{folder / 'back.sqlite3'}") == rows_in(f"sqlite:///{folder / 'retrouve.sqlite3'}")
    assert (folder / "back.sqlite3").stat().st_mode & 0o777 == 0o600
    digests = [[line for line in result.output.splitlines() if "empreinte" in line] for result in (there, back)]
    assert digests[0] == digests[1]
    assert len(digests[0]) == len(metadata.sorted_tables)


def test_empty_tables_of_this_version_are_an_empty_target(folder: Path, target: str) -> None:
    """As a first try of the service there leaves them."""
    engine = open_engine(target)
    schema.upgrade(engine)
    engine.dispose()

    assert run(folder, target).exit_code == 0


def test_a_case_begun_on_sqlite_ends_on_postgresql(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked here; sent, opened and used there, by the same browser; numbers go on after the last."""
    with at_work(folder) as world:
        handle = world.ask(CAMILLE)
        number = world.number(handle)
    run(folder, target)
    monkeypatch.setenv("RETROUVE_DATABASE_URL", target)

    with at_work(folder) as world:
        assert world.number(handle) == number
        world.courier().round()
        world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
        world.courier().round()
        signed = world.sessions.sign_in(CAMILLE, GOOD, visit(), case=number)
        world.add(entry("later@ac-lumiere.example"))

        assert signed.session is not None
        assert world.acts(number) == [
            "asked",
            "link-decided",
            "mail-accepted",
            "password-chosen",
            "mail-accepted",
            "signed-in",
        ]
    ids = [row[0] for row in rows_in(target)["voters"]]
    assert sorted(ids, key=int) == list(range(1, len(ids) + 1))  # type: ignore[call-overload]  # ids are whole numbers


# ── Interrupted ──────────────────────────────────────────────────────────────────────────────────────────


class Unplugged(Exception):
    """The test's own interruption."""


def engines(folder: Path, target: str) -> tuple[Engine, Engine]:
    """Both ends."""
    return open_engine(f"sqlite:///{folder / 'retrouve.sqlite3'}"), open_engine(target)


def stop_after(readings: int) -> Callable[[int], None]:
    """A progress that stops the move at that reading of a table."""
    left = count(readings - 1, -1)

    def progress(_rows: int) -> None:
        if not next(left):
            raise Unplugged

    return progress


@pytest.mark.parametrize("reading", [1, 4, 7, 8, 14, 15, 21])
def test_interrupted_anywhere_nothing_is_there_and_the_source_unharmed(folder: Path, target: str, reading: int) -> None:
    """Not even tables; the next try succeeds."""
    before = contents(folder)
    source, there = engines(folder, target)

    with pytest.raises(Unplugged):
        moving.move(source, there, stop_after(reading))
    source.dispose()
    there.dispose()

    assert tables_in(target) == []
    assert contents(folder) == before
    assert run(folder, target).exit_code == 0


@pytest.mark.parametrize("wish", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_move_leaves_nothing(crowded: Path, tmp_path: Path, target: str, wish: signal.Signals) -> None:
    """While it writes; PostgreSQL ends the transaction by itself."""
    folder = Path(copytree(crowded, tmp_path / "election"))
    before = contents(folder)
    # A run in the background ignores SIGINT, and what it starts would too.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "cli", "move", target, "--dir", str(folder)]
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: writing(target), "a move under way")
    process.send_signal(wish)

    assert process.wait(20) != 0
    eventually(lambda: not writing(target), "the end of its transaction")
    assert tables_in(target) == []
    assert contents(folder) == before
    assert run(folder, target).exit_code == 0


def writing(url: str) -> bool:
    """Whether somebody inserts into that database."""
    engine = create_engine(url, poolclass=NullPool)
    active = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT INTO voters%'"
    )
    with engine.connect() as connection:
        return bool(connection.execute(text(active)).scalar_one())


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_source_that_changes_meanwhile_is_told(folder: Path, target: str) -> None:
    """What was written after its reading would be lost."""
    source, there = engines(folder, target)
    changed = False

    def change(_rows: int) -> None:
        nonlocal changed
        if not changed:
            changed = True
            with at_work(folder) as world:
                world.ask(CAMILLE)

    with pytest.raises(SourceChanged):
        moving.move(source, there, change)
    source.dispose()
    there.dispose()

    assert tables_in(target) == []


def test_a_change_that_keeps_the_number_of_rows_is_told(folder: Path, target: str) -> None:
    """Counts alone would not see it."""
    source, there = engines(folder, target)
    changed = False

    def change(_rows: int) -> None:
        nonlocal changed
        if not changed:
            changed = True
            with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
                connection.execute("UPDATE voters SET first_name = 'Dominique' WHERE id = 3")
                connection.commit()

    with pytest.raises(SourceChanged) as refused:
        moving.move(source, there, change)
    source.dispose()
    there.dispose()

    assert refused.value.table == "voters"


def test_a_copy_that_reads_otherwise_is_refused(folder: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here somebody changes one letter there."""
    source, there = engines(folder, target)
    number_on = moving._go_on_numbering

    def spoil(connection: moving.Connection) -> None:
        number_on(connection)
        connection.execute(text("UPDATE voters SET last_name = 'Martim' WHERE last_name = 'Martin'"))

    monkeypatch.setattr(moving, "_go_on_numbering", spoil)
    with pytest.raises(CopyDiffers):
        moving.move(source, there, lambda _rows: None)
    source.dispose()
    there.dispose()

    assert tables_in(target) == []


@pytest.mark.parametrize("statement", ["CREATE TABLE accounts (id int)", "a voter"])
def test_a_target_that_holds_something_is_left_alone(folder: Path, target: str, statement: str) -> None:
    """Another program's tables, or an election's."""
    if statement == "a voter":
        run(folder, target)
    else:
        run_on(target, statement)
    before = tables_in(target)

    result = run(folder, target)

    assert result.exit_code == 1
    assert "n'est pas vide" in result.output
    assert tables_in(target) == before


def test_a_service_that_runs_is_to_be_stopped_first(folder: Path, target: str) -> None:
    """Whoever has the database open may write to it."""
    with at_work(folder) as world:
        world.voter()

        result = run(folder, target)

    assert result.exit_code == 1
    assert "Arrêtez serve et courier" in result.output
    assert tables_in(target) == []


@pytest.mark.parametrize("url", ["mysql://db/vote", "nonsense", "sqlite://", "postgresql+psycopg://"])
def test_what_is_no_database_is_told(folder: Path, url: str) -> None:
    """Before anything is opened."""
    result = run(folder, url)

    assert result.exit_code == 1
    assert "SQLite ou PostgreSQL" in result.output


def test_the_same_database_is_told(folder: Path) -> None:
    """It would be its own target."""
    assert "déjà celle" in run(folder, "sqlite:///retrouve.sqlite3").output


def test_a_server_that_is_down_is_told_without_its_password(folder: Path) -> None:
    """And that the source is as it was."""
    result = run(folder, "postgresql+psycopg://vote:hush@127.0.0.1:1/vote")

    assert result.exit_code == 1
    assert "La base de départ est intacte" in result.output
    assert "hush" not in result.output


def test_a_sqlite_target_that_came_to_nothing_is_taken_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next try finds what the first found."""

    def refuse(*_: object) -> None:
        raise TargetNotEmpty("voters")

    monkeypatch.setattr(moving, "move", refuse)

    assert run(folder, "sqlite:///back.sqlite3").exit_code == 1
    assert not (folder / "back.sqlite3").exists()


def test_a_digest_of_a_table_minds_no_order_and_every_row() -> None:
    """The two engines may give their rows in different orders."""
    forwards, backwards, twice = Tally(), Tally(), Tally()
    for tally, rows in ((forwards, "abc"), (backwards, "cba"), (twice, "abb")):
        for row in rows:
            tally.add((row, None, b"\0"))

    assert forwards == backwards
    assert forwards != twice
