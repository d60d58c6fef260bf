"""`retrouve purge` deletes data that must not be kept after the vote."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.journal import journal
from core.delivery.journal_sealer import JournalSealer
from tests.support.commands import run
from tests.support.election import CLOSES, entry
from tests.support.folders import copied_folder, world_in
from tests.support.reissues import Reissuer, reissuer

TYPED = "Quelqu.Un@Ailleurs.example"
OTHER = "other@ac-lumiere.example"
SECOND = "+33687654321"
NUMBER = b"the digest of a telephone number"
TELEPHONES = (b"33612345678", b"612345678", SECOND[1:].encode(), SECOND[3:].encode())
SetClock = Callable[[datetime], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An election that has voters with identifiers, and requests for unknown addresses.

    The vote closed at 17:00 in Paris.
    """
    made = copied_folder(tmp_path / "election")
    with world_in(made) as world:
        world.add(entry(OTHER, phone_digest=NUMBER, phone_ending="78"))
        world.with_password(email=OTHER)
        reissuer(world).receive()
        Reissuer(world).sign_in().asked(phone=SECOND)
        world.courier().run_once()
        for _ in range(30):
            world.ask(TYPED)
        world.courier().run_once()
    return made


def secrets(folder: Path) -> list[bytes]:
    """Return the encrypted telephone numbers and their digests, which the database contains until the purge."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        states = connection.execute("SELECT state FROM recoveries WHERE flow = 'identifiant'").fetchall()
        claims = connection.execute("SELECT phone FROM phone_claims UNION SELECT phone FROM awaited_codes").fetchall()
    held = [number["sealed"].encode().lower() for (state,) in states if (number := json.loads(state).get("number"))]
    return [*held, *(phone.lower() for (phone,) in claims)]


def bytes_of(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(folder.glob("retrouve.sqlite3*"))).lower()


def seal(folder: Path) -> None:
    with world_in(folder) as world:
        JournalSealer(dependencies=world.dependencies, board=None).seal()
        JournalSealer(dependencies=world.dependencies, board=None).publish_checkpoint(at_once=True)


def test_nothing_is_deleted_before_the_close_nor_without_apply(folder: Path, set_clock: SetClock) -> None:
    """Nothing is deleted before the vote has closed or without --apply.

    The command says what would be deleted and when.
    """
    set_clock(CLOSES - timedelta(days=1))
    before = bytes_of(folder)

    assert run(folder, "purge").output.splitlines()[-1] == "Rien n'est à effacer à présent."
    assert run(folder, "purge", "--apply").output == run(folder, "purge").output
    assert bytes_of(folder) == before

    set_clock(CLOSES + timedelta(days=1))
    lines = run(folder, "purge").output.splitlines()

    assert lines[0] == "Sessions : 2, à effacer."
    assert "Empreintes des liens envoyés : 2, à effacer." in lines
    (cases,) = [line for line in lines if line.startswith("Dossiers")]
    assert cases == (
        "Dossiers, avec les adresses et les téléphones saisis : 35, à garder jusqu'au mercredi 6 mars 2019 à 17:00."
    )
    assert lines[-1].startswith("Rien n'a été effacé.")
    assert bytes_of(folder) == before


def test_typed_data_is_deleted_from_the_files_and_the_journal_is_sound(folder: Path, set_clock: SetClock) -> None:
    """After a purge, the database files contain no typed address and no telephone number, and the journal is intact."""
    seal(folder)
    before, kept = bytes_of(folder), secrets(folder)
    assert TYPED.lower().encode() in before
    assert len(kept) == 4
    assert all(each in before for each in kept)
    set_clock(CLOSES + timedelta(days=91))

    result = run(folder, "purge", "--apply")

    assert result.exit_code == 0
    assert "Dossiers, avec les adresses et les téléphones saisis : 35, effacé." in result.output
    assert result.stderr == ""
    left = bytes_of(folder)
    assert TYPED.lower().encode() not in left
    assert b"ailleurs" not in left
    assert NUMBER not in left
    assert [each for each in (*kept, *TELEPHONES) if each in left] == []
    assert b"argon2id" not in left
    assert entry().email.encode() in left
    seal(folder)
    verified = CliRunner().invoke(journal, ["verify", "--dir", str(folder)], catch_exceptions=False)
    assert verified.exit_code == 0
    assert run(folder, "purge", "--apply").output.splitlines()[0] == "Rien n'est à effacer à présent."


def test_a_busy_database_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock) -> None:
    """If the database is in use, the command says that the deleted data can still be read, and can be run again."""
    monkeypatch.setattr("core.adapters.sql.engine.BUSY_SECONDS", 0)
    set_clock(CLOSES + timedelta(days=91))
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        result = run(folder, "purge", "--apply")

    assert "peut se lire encore" in result.stderr
    run(folder, "purge", "--apply")
    assert TYPED.lower().encode() not in bytes_of(folder)
