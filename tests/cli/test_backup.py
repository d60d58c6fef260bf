"""`retrouve backup` and `retrouve restore`."""

import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from cli.backup import backup
from cli.restore import restore
from core.adapters import archive
from core.adapters.archive import ArchiveDamaged
from core.adapters.entropy import SystemEntropy
from core.adapters.key_changes import rotate
from core.adapters.keys import read
from core.adapters.sql import snapshot
from core.adapters.sql.store import SqlStore
from core.ports import Act, Actor, Event, Store
from tests.support.election import CAMILLE, GOOD, NOON, entry
from tests.support.folders import at_work, copied_folder

FILES = {"master.key", "election.toml", "retrouve.sqlite3"}


@pytest.fixture(autouse=True)
def _french_and_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An election in a folder."""
    return copied_folder(tmp_path / "election")


def back_up(folder: Path, file: Path) -> Result:
    """The first command."""
    return CliRunner().invoke(backup, [str(file), "--dir", str(folder)], catch_exceptions=False)


def put_back(file: Path, folder: Path) -> Result:
    """The second."""
    return CliRunner().invoke(restore, [str(file), "--dir", str(folder)], catch_exceptions=False)


def test_one_file_holds_it_all_and_says_that_it_holds_the_key(folder: Path, tmp_path: Path) -> None:
    """For this account only; nothing else is left beside it."""
    result = back_up(folder, tmp_path / "backup.tar")

    assert result.exit_code == 0
    assert "contient la clé maîtresse" in result.output
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"election", "backup.tar"}
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert set(tar.getnames()) == {*FILES, "backup.json"}


def test_a_restored_folder_is_the_one_that_was_backed_up(folder: Path, tmp_path: Path) -> None:
    """Key and settings byte for byte, every file for this account only; it says what to do next."""
    (folder / "election.toml").write_text((folder / "election.toml").read_text("utf-8") + "# mine\n", "utf-8")
    back_up(folder, tmp_path / "backup.tar")

    result = put_back(tmp_path / "backup.tar", tmp_path / "deep" / "elsewhere")

    assert result.exit_code == 0
    assert f"retrouve doctor --dir {tmp_path / 'deep' / 'elsewhere'}" in result.output
    found = {path.name: path for path in (tmp_path / "deep" / "elsewhere").iterdir()}
    assert set(found) == FILES
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in found.values())
    for name in ("master.key", "election.toml"):
        assert found[name].read_bytes() == (folder / name).read_bytes()


def test_a_link_asked_before_the_backup_works_after_the_restoration(folder: Path, tmp_path: Path) -> None:
    """Elsewhere, under the same key."""
    with at_work(folder) as world:
        world.add()
        token = world.link()
        back_up(folder, tmp_path / "backup.tar")
    put_back(tmp_path / "backup.tar", tmp_path / "elsewhere")

    with at_work(tmp_path / "elsewhere") as world:
        world.links.choose_password(token, GOOD)

        assert world.voter().password is not None


def test_a_message_that_waited_leaves_after_the_restoration(folder: Path, tmp_path: Path) -> None:
    """Sealed with a key that is in the backup, though others came since."""
    with at_work(folder) as world:
        world.add()
        world.ask()
        rotate(folder / "master.key", entropy=SystemEntropy(), now=datetime.now(UTC))
        back_up(folder, tmp_path / "backup.tar")
        rotate(folder / "master.key", entropy=SystemEntropy(), now=datetime.now(UTC))
    put_back(tmp_path / "backup.tar", tmp_path / "elsewhere")

    with at_work(tmp_path / "elsewhere") as world:
        world.courier().round()

        assert world.post.links(CAMILLE)
    assert len(read(tmp_path / "elsewhere" / "master.key")) == 2


# ── While others write ───────────────────────────────────────────────────────────────────────────────────


def number_of(store: Store) -> tuple[int, int]:
    """How many voters and how many lines of the journal: one each a writer's turn."""
    assert isinstance(store, SqlStore)
    with store._engine.connect() as connection:
        voters = connection.exec_driver_sql("SELECT count(*) FROM voters").scalar_one()
        events = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
    return int(voters), int(events)


def write_one(store: Store, name: str) -> None:
    """A voter and a line of the journal, in one transaction."""
    with store.write() as transaction:
        transaction.roll.add([entry(f"{name}@ac-lumiere.example", academie="x" * 2000)])
        transaction.journal.write(Event(at=NOON, actor=Actor.VOTER, act=Act.ASKED, case=name))


@contextmanager
def writers(folder: Path, count: int) -> Iterator[None]:
    """They write as fast as they can until the end of the block."""
    done, started = Signal(), [Signal() for _ in range(count)]

    def write(number: int) -> None:
        with at_work(folder) as world:
            turn = 0
            while not done.is_set():
                write_one(world.store, f"writer-{number}-{turn}")
                started[number].set()
                turn += 1

    threads = [Thread(target=write, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        assert all(each.wait(20) for each in started)
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(20)


def test_what_was_committed_before_is_there_while_others_write(folder: Path, tmp_path: Path) -> None:
    """All of it, and of each transaction all or nothing."""
    with at_work(folder) as world:
        for turn in range(200):
            write_one(world.store, f"before-{turn}")
    with writers(folder, 3):
        results = [back_up(folder, tmp_path / f"{turn}.tar") for turn in range(3)]

    assert [result.exit_code for result in results] == [0, 0, 0]
    for turn in range(3):
        put_back(tmp_path / f"{turn}.tar", tmp_path / f"elsewhere-{turn}")
        with at_work(tmp_path / f"elsewhere-{turn}") as world:
            voters, events = number_of(world.store)
            assert voters == events >= 203
            with world.store.read() as transaction:
                assert all(transaction.journal.of_case(f"before-{number}") for number in range(200))


def test_a_writer_does_not_make_the_copy_begin_again(folder: Path, tmp_path: Path) -> None:
    """Before a vote somebody writes at every instant: a copy that waited for a pause would never end."""
    with at_work(folder) as world:
        for turn in range(1000):
            write_one(world.store, f"before-{turn}")
        progress = list[int]()

        def meanwhile(copied: int, _total: int) -> None:
            progress.append(copied)
            assert len(progress) < 1000, "it began again"
            write_one(world.store, f"during-{len(progress)}")

        snapshot.take(folder / "retrouve.sqlite3", tmp_path / "copy", meanwhile)

    assert len(progress) > 1
    assert progress == sorted(progress)
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT count(*) FROM voters").fetchone() == (1000,)


def test_no_key_comes_while_a_backup_is_made(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key file of a backup opens what its database seals: a rotation waits its turn."""
    finished = Signal()

    def rotate_now() -> None:
        rotate(folder / "master.key", entropy=SystemEntropy(), now=NOON)
        finished.set()

    def slowly(*arguments: Path | Callable[[int, int], None]) -> None:
        waiting.start()
        assert not finished.wait(0.3)
        take(*arguments)  # type: ignore[arg-type]  # as they came

    waiting, take = Thread(target=rotate_now), snapshot.take
    monkeypatch.setattr(snapshot, "take", slowly)
    back_up(folder, tmp_path / "backup.tar")
    waiting.join(20)
    put_back(tmp_path / "backup.tar", tmp_path / "elsewhere")

    assert finished.is_set()
    assert [len(read(place / "master.key")) for place in (folder, tmp_path / "elsewhere")] == [2, 1]


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_backup_never_replaces_a_file(folder: Path, tmp_path: Path) -> None:
    """Perhaps it is yesterday's."""
    (tmp_path / "backup.tar").write_text("precious", "utf-8")

    result = back_up(folder, tmp_path / "backup.tar")

    assert result.exit_code == 1
    assert (tmp_path / "backup.tar").read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    ("url", "says"),
    [("postgresql+psycopg://vote@db.example/vote", "pg_dump"), ("sqlite:////elsewhere/db.sqlite3", "dossier")],
)
def test_only_the_embedded_database_is_backed_up(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    """What to do for another is said."""
    monkeypatch.setenv("RETROUVE_DATABASE_URL", url)

    result = back_up(folder, tmp_path / "backup.tar")

    assert result.exit_code == 1
    assert says in result.output
    assert not (tmp_path / "backup.tar").exists()


def test_a_damaged_database_is_told_and_makes_no_backup(folder: Path, tmp_path: Path) -> None:
    """A backup that cannot be restored is worse than none."""
    file = folder / "retrouve.sqlite3"
    content = bytearray(file.read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    file.write_bytes(bytes(content))

    result = back_up(folder, tmp_path / "backup.tar")

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("name", [*sorted(FILES), "retrouve.sqlite3-wal"])
def test_a_folder_with_data_is_left_alone(folder: Path, tmp_path: Path, name: str) -> None:
    """One file that is already there, and nothing is written beside it."""
    back_up(folder, tmp_path / "backup.tar")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / name).write_text("precious", "utf-8")

    result = put_back(tmp_path / "backup.tar", tmp_path / "elsewhere")

    assert result.exit_code == 1
    assert name in result.output
    assert {path.name: path.read_text("utf-8") for path in (tmp_path / "elsewhere").iterdir()} == {name: "precious"}


@pytest.mark.parametrize("damage", ["cut", "changed", "not a tar", "key gone", "outside"])
def test_what_is_not_a_whole_backup_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    """And nothing is made, inside the folder or outside."""
    file = tmp_path / "backup.tar"
    back_up(folder, file)
    content = file.read_bytes()
    match damage:
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "changed":
            place = content.index(b"[policy]")
            file.write_bytes(content[:place] + b"[Policy]" + content[place + 8 :])
        case "not a tar":
            file.write_bytes(b"nothing at all")
        case "key gone":
            file.unlink()
            inside = [folder / "election.toml", folder / "retrouve.sqlite3"]
            archive.pack(file, inside, database="retrouve.sqlite3", made=NOON, version="1")
        case "outside":
            file.unlink()
            with tarfile.open(file, "w") as tar:
                tar.add(folder / "master.key", "../outside.key")

    result = put_back(file, tmp_path / "elsewhere")

    assert result.exit_code == 1
    assert "n'est pas une sauvegarde" in result.output
    assert {path.name for path in tmp_path.iterdir()} == {"election", "backup.tar"}


def test_a_damaged_database_inside_is_refused(folder: Path, tmp_path: Path) -> None:
    """Though its digest is right: it was damaged before."""
    file = folder / "retrouve.sqlite3"
    content = bytearray(file.read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    file.write_bytes(bytes(content))
    archive.pack(
        tmp_path / "backup.tar",
        [folder / name for name in FILES],
        database="retrouve.sqlite3",
        made=NOON,
        version="1",
    )

    result = put_back(tmp_path / "backup.tar", tmp_path / "elsewhere")

    assert result.exit_code == 1
    assert "abîmée" in result.output


def test_a_backup_of_a_later_version_is_refused(folder: Path, tmp_path: Path) -> None:
    """Its tables are not known here."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    back_up(folder, tmp_path / "backup.tar")

    result = put_back(tmp_path / "backup.tar", tmp_path / "elsewhere")

    assert result.exit_code == 1
    assert "plus récente" in result.output
    assert not (tmp_path / "elsewhere").exists()


def test_an_archive_holds_plain_files_only(tmp_path: Path) -> None:
    """No link, no folder."""
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        member = tarfile.TarInfo("master.key")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    (tmp_path / "out").mkdir()

    with pytest.raises(ArchiveDamaged):
        archive.unpack(tmp_path / "backup.tar", tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []
