"""`retrouve purge`."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.journal import journal
from cli.purge import purge
from core.courier.notary import Notary
from tests.support.election import CLOSES, entry
from tests.support.folders import at_work, copied_folder
from tests.support.reissues import Reissuer, reissuer

TYPED = "Quelqu.Un@Ailleurs.example"
OTHER = "other@ac-lumiere.example"
SECOND = "+33687654321"
NUMBER = b"the digest of a telephone number"
TELEPHONES = (b"33612345678", b"612345678", SECOND[1:].encode(), SECOND[3:].encode())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An election in a folder, whose vote closed at five o'clock in Paris; addresses were typed that nobody has."""
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)
    made = copied_folder(tmp_path / "election")
    with at_work(made) as world:
        world.add(entry(OTHER, phone_digest=NUMBER, phone_ending="78"))
        world.with_password(email=OTHER)
        reissuer(world).receive()
        Reissuer(world).sign_in().asked(phone=SECOND)
        world.courier().round()
        for _ in range(30):
            world.ask(TYPED)
        world.courier().round()
    return made


def secrets(folder: Path) -> list[bytes]:
    """What a re-issue leaves in the database until the purge: the numbers as they are sealed and as digests, whatever key they are under."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        states = connection.execute("SELECT state FROM recoveries WHERE flow = 'identifiant'").fetchall()
        claims = connection.execute("SELECT phone FROM phone_claims UNION SELECT phone FROM awaited_codes").fetchall()
    held = [number["sealed"].encode().lower() for (state,) in states if (number := json.loads(state).get("number"))]
    return [*held, *(phone.lower() for (phone,) in claims)]


def live_at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands that follow are run at that moment."""
    monkeypatch.setenv("RETROUVE_CLOCK_OFFSET_SECONDS", str(round((moment - datetime.now(UTC)).total_seconds())))


def run(folder: Path, *words: str) -> Result:
    """The command on that folder."""
    return CliRunner().invoke(purge, [*words, "--dir", str(folder)], catch_exceptions=False)


def bytes_of(folder: Path) -> bytes:
    """Everything that the database's files hold, in the letters of an address that was typed."""
    return b"".join(each.read_bytes() for each in sorted(folder.glob("retrouve.sqlite3*"))).lower()


def seal(folder: Path) -> None:
    """As the courier does."""
    with at_work(folder) as world:
        Notary(tools=world.tools, board=None).seal()
        Notary(tools=world.tools, board=None).attest(at_once=True)


def test_without_apply_it_says_what_would_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And from when on what stays must go; nothing is touched."""
    before = bytes_of(folder)
    live_at(CLOSES + timedelta(days=1), monkeypatch)

    lines = run(folder).output.splitlines()

    assert lines[0] == "Sessions : 2, à effacer."
    assert "Empreintes des liens envoyés : 2, à effacer." in lines
    (cases,) = [line for line in lines if line.startswith("Dossiers")]
    assert cases == (
        "Dossiers, avec les adresses et les téléphones saisis : 35, à garder jusqu'au mercredi 6 mars 2019 à 17:00."
    )
    assert lines[-1].startswith("Rien n'a été effacé.")
    assert bytes_of(folder) == before


def test_before_the_close_there_is_nothing_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Applied or not."""
    live_at(CLOSES - timedelta(days=1), monkeypatch)

    assert run(folder).output.splitlines()[-1] == "Rien n'est à effacer à présent."
    assert run(folder, "--apply").output.splitlines()[0] == "Rien n'est à effacer à présent."


def test_what_was_typed_is_gone_from_the_files_and_the_journal_is_sound(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No byte of an address that was typed, nor of a telephone, is left; the roll's own addresses stay."""
    seal(folder)
    before, kept = bytes_of(folder), secrets(folder)
    assert TYPED.lower().encode() in before
    assert len(kept) == 4
    assert all(each in before for each in kept)
    live_at(CLOSES + timedelta(days=91), monkeypatch)

    result = run(folder, "--apply")

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
    assert run(folder, "--apply").output.splitlines()[0] == "Rien n'est à effacer à présent."


def test_a_busy_database_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are gone; the file could not be rewritten, and running again will do it."""
    monkeypatch.setattr("core.adapters.sql.engine.BUSY_SECONDS", 0)
    live_at(CLOSES + timedelta(days=91), monkeypatch)
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        result = run(folder, "--apply")

    assert "peut se lire encore" in result.stderr
    run(folder, "--apply")
    assert TYPED.lower().encode() not in bytes_of(folder)
