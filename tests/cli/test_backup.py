"""`retrouve backup` makes a backup of an election, and `retrouve restore` restores it."""

import re
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from shutil import copyfile, copytree
from threading import Event as Signal
from threading import Thread
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result
from pyrage.x25519 import Identity

from cli.backup import backup
from cli.init import init
from cli.restore import restore
from core.adapters import backup_archive
from core.adapters.key_vault import KeyFileRefused, read_key_file
from core.adapters.master_key_rotation import rotate_keys
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql import sqlite_snapshot
from core.adapters.sql.store import SqlStore
from core.app.election_folder import open_services
from core.ports import Actor, Event, EventType, Store, StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from tests.cli.test_journal import attest, board_copy
from tests.support.commands import run
from tests.support.election import CAMILLE, GOOD, NOON, entry
from tests.support.folders import world_in

FILES = {"master.key", "election.toml", "retrouve.sqlite3"}
SECRET = re.compile(rb"[A-Za-z0-9+/]{43}=")


def back_up(folder: Path, file: Path, *, with_key: bool = True) -> Result:
    options = ["--with-key"] if with_key else []
    return CliRunner().invoke(backup, [str(file), *options, "--dir", str(folder)], catch_exceptions=False)


def restore_into(file: Path, folder: Path) -> Result:
    return CliRunner().invoke(restore, [str(file), "--dir", str(folder)], catch_exceptions=False)


def test_a_backup_is_one_private_file_and_warns_of_the_key(folder: Path, tmp_path: Path) -> None:
    """A backup is one file with mode 0600, which does not replace another.

    The command warns that it contains the key.
    """
    result = back_up(folder, tmp_path / "backup.tar")

    assert result.exit_code == 0
    assert "contient la clé maîtresse" in result.output
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"election", "backup.tar"}
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert set(tar.getnames()) == {*FILES, "backup.json"}
    before = (tmp_path / "backup.tar").read_bytes()
    assert back_up(folder, tmp_path / "backup.tar").exit_code == 1
    assert (tmp_path / "backup.tar").read_bytes() == before


def test_a_backup_has_no_key_unless_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    """Without `--with-key`, the backup contains no key, and the command says so."""
    keys = [(folder / "master.key").read_bytes(), *(file.read_bytes() for file in (folder / "keys").iterdir())]
    (folder / "master.key").unlink()
    (folder / "master.key").symlink_to("/nowhere/at/all/master.key")  # a medium that is not mounted

    result = back_up(folder, tmp_path / "backup.tar", with_key=False)

    assert "Les clés n'y sont pas" in result.output
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert set(tar.getnames()) == {*FILES - {"master.key"}, "backup.json"}
    content = (tmp_path / "backup.tar").read_bytes()
    assert not [secret for key in keys for secret in SECRET.findall(key) if secret in content]
    assert "master.key" in back_up(folder, tmp_path / "with-key.tar").output


def test_a_restoration_whose_declaration_fails_is_not_told_as_undone(folder: Path, tmp_path: Path) -> None:
    """If the loss cannot be declared after a restoration, the command says so, and not that nothing was changed."""
    back_up(folder, tmp_path / "backup.tar")
    with patch("cli.restore.declare_loss", side_effect=StoreUnavailable("away")):
        result = restore_into(tmp_path / "backup.tar", tmp_path / "restored")

    assert "n'est pas encore déclarée" in result.output
    assert "Rien n'a été changé" not in result.output


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("DROP TABLE properties", "UPDATE alembic_version SET version_num = '0009'"), "d'avant la 1.0"),
        (("UPDATE alembic_version SET version_num = '9999'",), "trop récente"),
    ],
    ids=["before 1.0", "later"],
)
def test_a_backup_of_another_version_is_refused(
    folder: Path, tmp_path: Path, changes: tuple[str, ...], said: str
) -> None:
    """A backup of a version before 1.0, or of a later one, is not restored, and the command says so."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as database, database:
        for change in changes:
            database.execute(change)
    back_up(folder, tmp_path / "backup.tar")

    result = restore_into(tmp_path / "backup.tar", tmp_path / "restored")

    assert (result.exit_code, said in result.output) == (1, True)
    assert not (tmp_path / "restored").exists()


def test_a_restoration_that_cannot_write_the_files_of_roles_is_not_told_as_undone(folder: Path, tmp_path: Path) -> None:
    """If the role files cannot be written after a restoration, the command says so, and a later upgrade writes them."""
    back_up(folder, tmp_path / "backup.tar", with_key=False)
    (place := tmp_path / "elsewhere").mkdir()
    copyfile(folder / "master.key", place / "master.key")
    (place / "master.key").chmod(0o600)
    with patch("cli.restore.write_role_files", side_effect=OSError(ENOSPC, "No space left on device")):
        result = restore_into(tmp_path / "backup.tar", place)

    assert "Rien n'a été fait" not in result.output
    assert "No space left on device" in result.output
    assert "n'est pas encore déclarée" in result.output
    assert CliRunner().invoke(init, ["--upgrade", "--dir", str(place)]).exit_code == 0


def test_a_restoration_beside_an_outdated_master_key_keeps_the_files_of_roles(folder: Path, tmp_path: Path) -> None:
    """If the folder has a master.key that is older than its role files, the files stay, and the command says so."""
    back_up(folder, tmp_path / "backup.tar", with_key=False)
    place = tmp_path / "elsewhere"
    place.mkdir()
    copyfile(folder / "master.key", place / "master.key")
    (place / "master.key").chmod(0o600)
    rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=datetime.now(UTC))
    copytree(folder / "keys", place / "keys")
    files = {file: file.read_bytes() for file in (place / "keys").iterdir()}

    result = restore_into(tmp_path / "backup.tar", place)

    assert "est une ancienne copie, sans la clé 2" in result.output
    assert {file: file.read_bytes() for file in (place / "keys").iterdir()} == files


def test_an_encrypted_backup_is_opened_by_its_key_alone(folder: Path, tmp_path: Path) -> None:
    """A backup encrypted for an age key can be restored only with that key."""
    own, other = Identity.generate(), Identity.generate()
    file, identity, wrong = tmp_path / "backup.age", tmp_path / "key.txt", tmp_path / "wrong.txt"
    identity.write_text(f"# public key: {own.to_public()}\n{own}\n", "utf-8")
    wrong.write_text(f"{other}\n", "utf-8")
    options = ["--with-key", "--encrypt-to", str(own.to_public()), "--dir", str(folder)]

    made = CliRunner().invoke(backup, [str(file), *options], catch_exceptions=False)

    assert made.exit_code == 0, made.output
    assert "Elle est chiffrée" in made.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [name for name in (b"election", b"SQLite format 3", b"secret") if name in file.read_bytes()]
    assert not [path for each in (folder, tmp_path) for path in each.iterdir() if path.name.startswith(".backup")]
    assert "Donnez la clé secrète age" in restore_into(file, tmp_path / "none").output
    for key, told in ((wrong, "n'est pas chiffrée pour cette clé"), (file, "n'est pas chiffrée pour cette clé")):
        refused = CliRunner().invoke(restore, [str(file), "--identity", str(key), "--dir", str(tmp_path / "none")])
        assert (refused.exit_code, told in refused.output) == (1, True)
    assert not (tmp_path / "none").exists()
    done = CliRunner().invoke(restore, [str(file), "--identity", str(identity), "--dir", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "new/master.key").read_bytes() == (folder / "master.key").read_bytes()
    assert not [path for path in (tmp_path / "new").iterdir() if path.name.startswith(".")]
    unmade = tmp_path / "unmade.age"
    refused = CliRunner().invoke(backup, [str(unmade), "--encrypt-to", "age1nothing", "--dir", str(folder)])
    assert (refused.exit_code, unmade.exists()) == (1, False)
    file.write_bytes(file.read_bytes()[:-1])
    cut = CliRunner().invoke(restore, [str(file), "--identity", str(identity), "--dir", str(tmp_path / "cut")])
    assert (cut.exit_code, (tmp_path / "cut").exists(), "n'est pas entière" in cut.output) == (1, False, True)


@pytest.mark.parametrize("key", ["brought before", "brought after"])
def test_a_restoration_without_the_key_says_how_to_bring_it(folder: Path, tmp_path: Path, key: str) -> None:
    """A folder restored without its key works once the key is copied into it, before or after the restoration."""
    with world_in(folder) as world:
        world.add()
        token = world.link()
    back_up(folder, tmp_path / "backup.tar", with_key=False)
    place = tmp_path / "elsewhere"
    if key == "brought before":
        place.mkdir()
        copyfile(folder / "master.key", place / "master.key")
        (place / "master.key").chmod(0o600)
        assert "Il manque la clé" not in restore_into(tmp_path / "backup.tar", place).output
    else:
        said = restore_into(tmp_path / "backup.tar", place).output
        assert "Il manque la clé : copiez master.key" in said
        assert "n'est pas encore déclarée" in said
        assert said.endswith(f"--checkpoint MESSAGE.eml --dir {place}\n")
        with pytest.raises(KeyFileRefused):
            open_services(place, ProgramKeyRole.SERVE)
        copyfile(folder / "master.key", place / "master.key")
        (place / "master.key").chmod(0o600)
        assert CliRunner().invoke(init, ["--upgrade", "--dir", str(place)]).exit_code == 0

    assert {file.name for file in (place / "keys").iterdir()} == {f"{role}.key" for role in ProgramKeyRole}
    with world_in(place) as world:
        world.links.choose_password(token, GOOD)
        assert world.voter().password is not None


def test_a_restored_folder_equals_the_original(folder: Path, tmp_path: Path) -> None:
    """A restored folder has the same keys and settings as the original, and mode 0600 on each file."""
    (folder / "election.toml").write_text((folder / "election.toml").read_text("utf-8") + "# mine\n", "utf-8")
    back_up(folder, tmp_path / "backup.tar")

    result = restore_into(tmp_path / "backup.tar", tmp_path / "deep" / "elsewhere")

    assert result.exit_code == 0
    assert f"retrouve doctor --dir {tmp_path / 'deep' / 'elsewhere'}" in result.output
    found = {path.name: path for path in (tmp_path / "deep" / "elsewhere").iterdir()}
    keys = found.pop("keys")
    found.pop("retrouve.sqlite3.turn")  # created when the restoration was declared
    assert set(found) == FILES
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (*found.values(), *keys.iterdir()))
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == {
        path.name: path.read_bytes() for path in (folder / "keys").iterdir()
    }
    for name in ("master.key", "election.toml"):
        assert found[name].read_bytes() == (folder / name).read_bytes()


def test_a_restoration_is_declared_in_the_journal_that_it_restored(folder: Path, tmp_path: Path) -> None:
    """A restoration declares the checkpoints that the backup lacks as lost, so that the journal counts as intact."""
    back_up(folder, tmp_path / "backup.tar")
    with world_in(folder) as world:
        world.add()
        world.with_password()
        attest(world)
    (tmp_path / "board.txt").write_text(board_copy(folder, 1), "utf-8")
    place = tmp_path / "elsewhere"

    options = ["--cause", "disk-failed", "--checkpoint", str(tmp_path / "board.txt"), "--dir", str(place)]
    result = CliRunner().invoke(restore, [str(tmp_path / "backup.tar"), *options], catch_exceptions=False)

    assert result.exit_code == 0, result.output
    assert "est inscrite au journal" in result.output
    assert "restore --cause disk-failed --when" in result.output
    with world_in(place) as world:
        ((act, reason),) = world.kept.lines()[-1:]
        attest(world)
    assert act == "loss-declared"
    assert reason is not None
    assert reason.startswith("restore disk-failed ")
    verified = run(place, "journal", "verify", "--checkpoint", tmp_path / "board.txt")
    assert verified.exit_code == 0, verified.output
    assert "une copie plus ancienne de la base a été remise" in verified.output


def test_a_restoration_names_the_password_file_that_is_missing(folder: Path, tmp_path: Path) -> None:
    """A restoration names the password file that is missing, because a backup does not contain it."""
    settings = (folder / "election.toml").read_text("utf-8")
    (folder / "election.toml").write_text(
        settings.replace("[sms]", '[sms]\ninbound_secret_file = "sms.secret"', 1), "utf-8"
    )
    (folder / "sms.secret").write_text("secret", "utf-8")
    back_up(folder, tmp_path / "backup.tar")

    said = restore_into(tmp_path / "backup.tar", tmp_path / "elsewhere").output

    assert "inbound_secret_file = sms.secret" in said
    assert "Il manque la clé" not in said
    assert "n'est pas encore déclarée" in said


def test_a_waiting_message_is_sent_after_the_restoration(folder: Path, tmp_path: Path) -> None:
    """A message that was waiting is sent after the restoration, even if a key was added after the backup."""
    with world_in(folder) as world:
        world.add()
        world.ask()
        rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=datetime.now(UTC))
        back_up(folder, tmp_path / "backup.tar")
        rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=datetime.now(UTC))
    restore_into(tmp_path / "backup.tar", tmp_path / "elsewhere")

    with world_in(tmp_path / "elsewhere") as world:
        world.courier().run_once()

        assert world.post.links(CAMILLE)
    assert len(read_key_file(tmp_path / "elsewhere" / "master.key")) == 2


# ── Backups during writes ────────────────────────────────────────────────────────────────────────────────


def count_voters_and_entries(store: Store) -> tuple[int, int]:
    """Return the numbers of voters and of journal entries. Each transaction of `writers` adds one of each."""
    assert isinstance(store, SqlStore)
    with store.engine.connect() as connection:
        voters = connection.exec_driver_sql("SELECT count(*) FROM voters").scalar_one()
        events = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
    return int(voters), int(events)


def add_voter_and_entry(store: Store, name: str) -> None:
    with store.write() as transaction:
        transaction.roll.add([entry(f"{name}@ac-lumiere.example", academie="x" * 2000)])
        transaction.journal.write(Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED, case=name))


@contextmanager
def writers(folder: Path, count: int) -> Iterator[None]:
    """Write to the database in several threads, as fast as possible, while the block runs."""
    done, started = Signal(), [Signal() for _ in range(count)]

    def write(number: int) -> None:
        with world_in(folder) as world:
            turn = 0
            while not done.is_set():
                add_voter_and_entry(world.store, f"writer-{number}-{turn}")
                started[number].set()
                turn += 1

    threads = [Thread(target=write, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        assert all(each.wait(180) for each in started)
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(180)


def test_a_backup_holds_everything_committed_before_it(folder: Path, tmp_path: Path) -> None:
    """A backup contains everything that was committed before it, and no half of a concurrent transaction."""
    with world_in(folder) as world:
        for turn in range(200):
            add_voter_and_entry(world.store, f"before-{turn}")
    with writers(folder, 3):
        results = [back_up(folder, tmp_path / f"{turn}.tar") for turn in range(3)]

    assert [result.exit_code for result in results] == [0, 0, 0]
    for turn in range(3):
        restore_into(tmp_path / f"{turn}.tar", tmp_path / f"elsewhere-{turn}")
        with world_in(tmp_path / f"elsewhere-{turn}") as world:
            voters, events = count_voters_and_entries(world.store)
            assert voters == events - 1 >= 203, "one event declares the restoration"
            with world.store.read() as transaction:
                assert all(transaction.journal.of_case(f"before-{number}") for number in range(200))


def test_constant_writes_do_not_restart_the_copy(folder: Path, tmp_path: Path) -> None:
    """A backup ends even if other processes write constantly."""
    with world_in(folder) as world:
        world.add(*(entry(f"before-{turn}@ac-lumiere.example", academie="x" * 2000) for turn in range(1000)))
        progress = list[int]()

        def meanwhile(copied: int, _total: int) -> None:
            progress.append(copied)
            assert len(progress) < 1000, "it began again"
            add_voter_and_entry(world.store, f"during-{len(progress)}")

        sqlite_snapshot.take_snapshot(folder / "retrouve.sqlite3", tmp_path / "copy", meanwhile)

    assert len(progress) > 1
    assert progress == sorted(progress)
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT count(*) FROM voters").fetchone() == (1000,)


def test_a_key_rotation_waits_for_a_running_backup(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key rotation waits until a running backup has ended, so that keys and database match."""
    finished = Signal()

    def rotate_now() -> None:
        rotate_keys(folder / "master.key", entropy=SystemRandomSource(), now=NOON)
        finished.set()

    def slowly(*arguments: Path | Callable[[int, int], None]) -> None:
        waiting.start()
        assert not finished.wait(0.3)
        take(*arguments)  # type: ignore[arg-type]  # the arguments of `take`

    waiting, take = Thread(target=rotate_now), sqlite_snapshot.take_snapshot
    monkeypatch.setattr(sqlite_snapshot, "take_snapshot", slowly)
    back_up(folder, tmp_path / "backup.tar")
    waiting.join(180)
    restore_into(tmp_path / "backup.tar", tmp_path / "elsewhere")

    assert finished.is_set()
    assert [len(read_key_file(place / "master.key")) for place in (folder, tmp_path / "elsewhere")] == [2, 1]


# ── Refused backups and restorations ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "says"),
    [("postgresql+psycopg://vote@db.example/vote", "pg_dump"), ("sqlite:////elsewhere/db.sqlite3", "dossier")],
)
def test_only_sqlite_is_backed_up(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    """A backup of PostgreSQL, or of a database outside the folder, is refused with advice."""
    monkeypatch.setenv("RETROUVE_DATABASE_URL", url)

    result = back_up(folder, tmp_path / "backup.tar")

    assert result.exit_code == 1
    assert says in result.output
    assert not (tmp_path / "backup.tar").exists()


def test_a_damaged_database_is_neither_backed_up_nor_restored(folder: Path, tmp_path: Path) -> None:
    """A damaged database is neither backed up nor restored."""
    file = folder / "retrouve.sqlite3"
    content = bytearray(file.read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    file.write_bytes(bytes(content))

    assert back_up(folder, tmp_path / "backup.tar").exit_code == 1
    assert list(tmp_path.iterdir()) == [folder]
    backup_archive.pack(
        tmp_path / "backup.tar", [folder / name for name in FILES], database="retrouve.sqlite3", made=NOON, version="1"
    )
    result = restore_into(tmp_path / "backup.tar", tmp_path / "elsewhere")
    assert (result.exit_code, "abîmée" in result.output) == (1, True)


def test_a_folder_with_data_is_left_unchanged(folder: Path, tmp_path: Path) -> None:
    """A restoration into a folder that already contains one of its files is refused and changes nothing."""
    back_up(folder, tmp_path / "backup.tar")
    for name in (*sorted(FILES), "retrouve.sqlite3-wal"):
        place = tmp_path / f"with {name}"
        place.mkdir()
        (place / name).write_text("precious", "utf-8")

        result = restore_into(tmp_path / "backup.tar", place)

        assert (result.exit_code, name in result.output) == (1, True)
        assert {path.name: path.read_text("utf-8") for path in place.iterdir()} == {name: "precious"}


def test_a_file_that_is_no_whole_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    """A damaged or incomplete backup is refused, and nothing is written."""
    back_up(folder, tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "changed").write_bytes(whole.replace(b"[policy]", b"[Policy]", 1))
    (tmp_path / "not a tar").write_bytes(b"nothing at all")
    inside = [folder / "master.key", folder / "retrouve.sqlite3"]
    backup_archive.pack(tmp_path / "settings gone", inside, database="retrouve.sqlite3", made=NOON, version="1")
    with tarfile.open(tmp_path / "outside", "w") as tar:
        tar.add(folder / "master.key", "../outside.key")
    with tarfile.open(tmp_path / "link", "w") as tar:
        member = tarfile.TarInfo("master.key")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    before = set(tmp_path.iterdir())

    for name in ("cut", "changed", "not a tar", "settings gone", "outside", "link"):
        result = restore_into(tmp_path / name, tmp_path / "elsewhere")

        assert (result.exit_code, "n'est pas une sauvegarde" in result.output) == (1, True), name
        assert set(tmp_path.iterdir()) == before
