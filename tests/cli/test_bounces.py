"""`retrouve bounces`: the Maildir, the pipe, and what the mail server is told.

A mail server that starts it as a process is in tests/conformance/test_bounce_pipe.py.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from core.adapters.dsn import LONGEST
from core.bootstrap import House, letters_of, open_house
from core.flows.password import password_flow
from core.policy import Policy
from core.ports import Recovery
from core.recovery import Identified
from tests.support.election import CAMILLE, NOON
from tests.support.folders import copied_folder
from tests.support.returned import HOLIDAY, RETURN, postfix

CASE = "7F3K-92QD"


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """The house in that folder, closed afterwards."""
    with closing(open_house(folder)) as house:
        yield house


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An election with a case."""
    made = copied_folder(tmp_path / "election")
    case = Recovery(
        handle=b"handle",
        number=CASE,
        flow=password_flow(Policy()).flow.slug,
        state=Identified(typed=CAMILLE, address=CAMILLE),
        began=NOON,
    )
    with opened(made) as house, house.store.write() as transaction:
        transaction.recoveries.add(case)
    return made


@pytest.fixture
def address(folder: Path) -> str:
    """Where the bounces of that case come."""
    with opened(folder) as house:
        return letters_of(house)._bounces.of_case(CASE)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """An empty one."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mails" / name).mkdir(parents=True)
    return tmp_path / "mails"


def run(folder: Path, *options: str | Path, given: bytes = b"", **variables: str) -> Result:
    """The command on that folder, with that mail on its standard input."""
    arguments = ["bounces", "--dir", str(folder), *map(str, options)]
    return CliRunner().invoke(main, arguments, input=given, env={"RETROUVE_LANGUAGE": "fr", **variables})


def journal(folder: Path) -> list[tuple[str, str]]:
    """What it says of that case."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return connection.execute('SELECT act, reason FROM events WHERE "case" = ? ORDER BY id', (CASE,)).fetchall()


NOTED = [("mail-bounced", "unknown-mailbox")]


def test_a_maildir_is_read_once(folder: Path, address: str, maildir: Path) -> None:
    """What is handled goes to cur, noted or not; what is still being delivered stays."""
    (maildir / "new/1").write_bytes(postfix(to=address))
    (maildir / "new/2").write_bytes(postfix(to=address))
    (maildir / "new/3").write_bytes(postfix(to=RETURN))
    (maildir / "new/4").write_bytes(b"\xff\x00")
    (maildir / "tmp/5").write_bytes(postfix("5.2.2", to=address))

    first, second = run(folder, "--maildir", maildir), run(folder, "--maildir", maildir)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == "Retours lus : 4. Notés au dossier : 1. Déjà notés : 1. Laissés de côté : 2.\n"
    assert second.stdout == "Retours lus : 0. Notés au dossier : 0. Déjà notés : 0. Laissés de côté : 0.\n"
    assert journal(folder) == NOTED
    assert sorted(path.name for path in (maildir / "cur").iterdir()) == ["1:2,S", "2:2,S", "3:2,S", "4:2,S"]
    assert [path.name for path in (maildir / "tmp").iterdir()] == ["5"]


def test_one_mail_comes_through_a_pipe(folder: Path, address: str) -> None:
    """Delivered by the headers the server wrote, or by what it says beside; it hears nothing back."""
    assert run(folder, given=postfix(to=address)).exit_code == 0
    done = run(folder, "--recipient", address, given=postfix("5.2.2", to=RETURN))

    assert (done.exit_code, done.stdout) == (0, "")
    assert journal(folder) == [*NOTED, ("mail-bounced", "mailbox-full")]


@pytest.mark.parametrize("given", [b"", HOLIDAY, postfix(to=RETURN), b"\xff" * (3 * LONGEST)])
def test_what_is_not_ours_is_done_with(folder: Path, given: bytes) -> None:
    """The server must not keep it, and is not made to bounce a bounce."""
    assert run(folder, given=given).exit_code == os.EX_OK
    assert journal(folder) == []


def test_the_log_names_nobody(folder: Path, address: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A line for the one that came back: why, and neither who nor which mail."""
    run(folder, given=postfix(to=address))
    logged = capfd.readouterr().err

    assert '"outcome":"noted"' in logged
    assert not [word for word in ("@", "camille", CASE) if word in logged]


@pytest.mark.parametrize("spoil", ["database", "settings", "key"])
def test_what_cannot_be_noted_now_is_to_be_given_again(folder: Path, address: str, spoil: str) -> None:
    """EX_TEMPFAIL: the server keeps the mail, and gives it again when all is mended."""
    variables = {
        "database": {"RETROUVE_DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"},
        "settings": {"RETROUVE_WEB__PORT": "many"},
        "key": {},
    }[spoil]
    if spoil == "key":
        (folder / "master.key").chmod(0o644)

    failed = run(folder, given=postfix(to=address), **variables)
    (folder / "master.key").chmod(0o600)

    assert failed.exit_code == os.EX_TEMPFAIL
    assert run(folder, given=postfix(to=address)).exit_code == 0
    assert journal(folder) == NOTED


def test_a_maildir_waits_for_the_database(folder: Path, address: str, maildir: Path) -> None:
    """The mails stay in new, for the next time."""
    (maildir / "new/1").write_bytes(postfix(to=address))

    failed = run(folder, "--maildir", maildir, RETROUVE_DATABASE_URL="sqlite:////nowhere/at/all.sqlite3")

    assert failed.exit_code == os.EX_TEMPFAIL
    assert [path.name for path in (maildir / "new").iterdir()] == ["1"]
    assert run(folder, "--maildir", maildir).exit_code == 0
    assert journal(folder) == NOTED


def test_a_folder_that_is_no_maildir_is_told(folder: Path, tmp_path: Path) -> None:
    """A slip in the path must not look like a quiet day."""
    refused = run(folder, "--maildir", tmp_path)

    assert refused.exit_code == 2
    assert "Maildir" in refused.stderr
