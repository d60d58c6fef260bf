"""`retrouve bounces` reads bounces from a Maildir or a pipe, and answers the mail server with its exit status.

How a mail server starts the command is tested in tests/product/test_bounce_pipe.py.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from core.adapters.bounce_parser import MOST_BYTES
from core.app.election_folder import mail_composer_of, open_services
from core.app.services import Services
from core.flows.password.definition import PasswordFlow
from core.flows.password.states import CaseOpenedByDesk
from core.policy.policy import Policy
from core.ports import RecoveryCase
from tests.support.election import CAMILLE, NOON
from tests.support.folders import copied_folder
from tests.support.returned import HOLIDAY, RETURN, postfix

CASE = "7F3K-92QD"


@contextmanager
def services_of(folder: Path) -> Iterator[Services]:
    with closing(open_services(folder)) as services:
        yield services


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = copied_folder(tmp_path / "election")
    case = RecoveryCase(
        handle=b"handle",
        number=CASE,
        flow=PasswordFlow(Policy()).flow.slug,
        state=CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE),
        began=NOON,
    )
    with services_of(made) as services, services.dependencies.store.write() as transaction:
        transaction.recoveries.add(case)
    return made


@pytest.fixture
def address(folder: Path) -> str:
    with services_of(folder) as services:
        return mail_composer_of(services).bounces.address_of_case(CASE)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mails" / name).mkdir(parents=True)
    return tmp_path / "mails"


def run(folder: Path, *options: str | Path, given: bytes = b"", **variables: str) -> Result:
    arguments = ["bounces", "--dir", str(folder), *map(str, options)]
    return CliRunner().invoke(main, arguments, input=given, env={"RETROUVE_LANGUAGE": "fr", **variables})


def journal(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        return connection.execute('SELECT act, reason FROM events WHERE "case" = ? ORDER BY id', (CASE,)).fetchall()


NOTED = [("mail-bounced", "unknown-mailbox")]


def test_a_maildir_is_read_once(folder: Path, address: str, maildir: Path) -> None:
    """Each mail in a Maildir is read once and then moved to `cur`.

    A mail that is still being delivered is left alone.
    """
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


def test_a_mail_is_read_from_a_pipe(folder: Path, address: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A mail from a pipe is assigned to its case by its header or by `--recipient`.

    The log names neither person nor case.
    """
    assert run(folder, given=postfix(to=address)).exit_code == 0
    logged = capfd.readouterr().err
    done = run(folder, "--recipient", address, given=postfix("5.2.2", to=RETURN))

    assert (done.exit_code, done.stdout) == (0, "")
    assert journal(folder) == [*NOTED, ("mail-bounced", "mailbox-full")]

    assert '"outcome":"noted"' in logged
    assert not [word for word in ("@", "camille", CASE) if word in logged]


@pytest.mark.parametrize("given", [b"", HOLIDAY, postfix(to=RETURN), b"\xff" * (3 * MOST_BYTES)])
def test_a_mail_that_is_no_bounce_is_accepted_and_ignored(folder: Path, given: bytes) -> None:
    """A mail that is not a bounce is ignored with exit status 0, so that the mail server does not return it."""
    assert run(folder, given=given).exit_code == os.EX_OK
    assert journal(folder) == []


@pytest.mark.parametrize("spoil", ["database", "settings", "key"])
def test_an_unrecorded_bounce_asks_for_a_new_delivery(folder: Path, address: str, spoil: str) -> None:
    """If a bounce cannot be recorded, the exit status EX_TEMPFAIL makes the mail server deliver it again later."""
    variables = {
        "database": {"RETROUVE_DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"},
        "settings": {"RETROUVE_WEB__PORT": "many"},
        "key": {},
    }[spoil]
    if spoil == "key":
        (folder / "keys" / "bounces.key").chmod(0o644)

    failed = run(folder, given=postfix(to=address), **variables)
    (folder / "keys" / "bounces.key").chmod(0o600)

    assert failed.exit_code == os.EX_TEMPFAIL
    assert run(folder, given=postfix(to=address)).exit_code == 0
    assert journal(folder) == NOTED


def test_mails_stay_in_the_maildir_without_the_database(folder: Path, address: str, maildir: Path) -> None:
    """Without the database, mails stay in the Maildir for the next run."""
    (maildir / "new/1").write_bytes(postfix(to=address))

    failed = run(folder, "--maildir", maildir, RETROUVE_DATABASE_URL="sqlite:////nowhere/at/all.sqlite3")

    assert failed.exit_code == os.EX_TEMPFAIL
    assert [path.name for path in (maildir / "new").iterdir()] == ["1"]
    assert run(folder, "--maildir", maildir).exit_code == 0
    assert journal(folder) == NOTED


def test_a_folder_that_is_no_maildir_is_reported(folder: Path, tmp_path: Path) -> None:
    """A folder that is not a Maildir is refused, so that a wrong path is noticed."""
    refused = run(folder, "--maildir", tmp_path)

    assert (refused.exit_code, "Maildir" in refused.stderr) == (2, True)
