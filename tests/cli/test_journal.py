"""`retrouve journal verify` verifies the journal, and `retrouve journal key` prints its public key."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy.exc import OperationalError

from core.delivery.journal_sealer import JournalSealer
from core.journal import checkpoints
from core.security import key_purposes
from tests.support.commands import run
from tests.support.folders import copied_folder, made_folder, world_in
from tests.support.stores import reading
from tests.support.worlds import World


@pytest.fixture(scope="module")
def sealed_election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An election with two checkpoints that were sent to the board, and two lines that are not sealed yet."""
    folder = copied_folder(tmp_path_factory.mktemp("lived") / "election")
    with world_in(folder) as world:
        world.add()
        for _ in range(2):
            world.with_password()
            attest(world)
        world.ask()
    return folder


def attest(world: World) -> None:
    notary = JournalSealer(dependencies=world.dependencies, board=None)
    notary.seal()
    notary.publish_checkpoint(at_once=True)


@pytest.fixture
def folder(sealed_election: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the election's folder that a test may tamper with."""
    copy = tmp_path / "election"
    copy.mkdir(mode=0o700)
    for name in ("master.key", "election.toml", "retrouve.sqlite3"):
        (copy / name).write_bytes((sealed_election / name).read_bytes())
        (copy / name).chmod(0o600)
    return copy


def run_sql(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def board_copy(folder: Path, number: int) -> str:
    """Return a checkpoint in the form in which the board received it."""
    with world_in(folder) as world, world.store.read() as transaction:
        found = transaction.chain.checkpoint(number)
    assert found is not None
    return "\n".join(checkpoints.checkpoint_lines(found))


def copies_of_mail(checkpoint: str) -> tuple[bytes, ...]:
    """Return a checkpoint's mail in the forms in which the board may store it, such as UTF-16 or quoted."""
    encoded, quoted = EmailMessage(), f"> Bonjour\n> {checkpoint}\n"
    encoded.set_content(quoted, cte="base64")
    return bytes(encoded), quoted.encode("utf-16"), quoted.encode()


def test_a_sound_journal_is_reported_as_sound(folder: Path) -> None:
    """For an intact journal, the command says so and prints the numbers of sealed and unsealed lines."""
    result = run(folder, "journal", "verify")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Le journal est intact.",
        "10 lignes scellées.",
        "Dernier point de contrôle : le n° 2, du vendredi 30 novembre 2018 à 12:00.",
        "2 lignes attendent encore leur sceau, la plus ancienne depuis le vendredi 30 novembre 2018 à 12:00 : rien ne les protège jusque-là.",
        "5 lignes de la base qui décident sont telles que ce service les a écrites.",
        "Tout vient ici de cette machine. Qui la tient peut tout refaire, sauf ce que le bureau a reçu : donnez-le avec --checkpoint.",
    ]


def test_a_waiting_line_without_a_moment_is_the_oldest(folder: Path) -> None:
    """An unsealed line with an invalid time is counted and causes no error."""
    run_sql(
        folder,
        "DELETE FROM events WHERE id > 10",
        "INSERT INTO events (at, actor, act) VALUES ('noon', 'operator', 'purged')",
        "UPDATE events SET at = 'noon'",
    )

    assert (
        "1 ligne attend encore son sceau, depuis le jeudi 1er janvier 1970" in run(folder, "journal", "verify").stdout
    )


def test_an_empty_journal_is_sound(tmp_path: Path) -> None:
    """The journal of a new election is intact."""
    result = run(copied_folder(tmp_path / "new"), "journal", "verify")

    assert result.exit_code == 0
    assert "Aucune ligne n'est encore scellée." in result.stdout
    assert "Aucun point de contrôle n'a encore été fait." in result.stdout


def test_a_change_is_reported_with_its_place(folder: Path) -> None:
    """A changed line is reported with its place, its time and its case."""
    run_sql(folder, "UPDATE events SET reason = 'x', act = 'an act of nobody' WHERE id = 2")

    result = run(folder, "journal", "verify")

    assert result.exit_code == 1
    first, second = result.stdout.splitlines()[:2]
    assert first == "Le journal n'est pas intact."
    assert second.startswith("Place 2, ligne 2, vendredi 30 novembre 2018 à 12:00, dossier ")
    assert second.endswith(" : la ligne et son sceau ne s'accordent pas. L'un des deux a été changé ou déplacé.")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM events WHERE id = 3", "Place 3 : la ligne 3 manque. La ligne d'avant est du vendredi"),
        ("DELETE FROM seals WHERE position = 1", "Place 1 : son sceau manque. Rien de daté n'est scellé avant."),
        ("DELETE FROM seals WHERE position IN (2, 3)", "Places 2 à 3 : leurs sceaux manquent. La ligne d'avant est"),
        ("DELETE FROM seals WHERE position = 4", "Hors de la chaîne, ligne 4, vendredi 30 novembre 2018 à 12:00, doss"),
        ("UPDATE events SET at = 'noon' WHERE id = 5", "Place 5, ligne 5, sans date lisible : la ligne et son sceau"),
        ("UPDATE events SET at = 9e18 WHERE id = 5", "Place 5, ligne 5, sans date lisible : la ligne et son sceau"),
        ("DELETE FROM checkpoints WHERE number = 1", "Point de contrôle n° 1 : il manque."),
        ("UPDATE checkpoints SET number = 4 WHERE number = 2", "Points de contrôle n° 2 à 3 : ils manquent."),
        ("UPDATE checkpoints SET signature = x'00' WHERE number = 2", "Point de contrôle n° 2 : son texte ou sa sig"),
    ],
)
def test_each_kind_of_tampering_has_its_sentence(folder: Path, statement: str, said: str) -> None:
    """Each kind of tampering is reported with its own sentence."""
    run_sql(folder, statement)

    result = run(folder, "journal", "verify")

    assert result.exit_code == 1
    assert said in result.stdout


def test_many_findings_are_counted_and_the_first_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If there are many findings, the first are shown and the others counted."""
    monkeypatch.setattr("cli.journal.MOST_SHOWN", 2)
    run_sql(folder, "UPDATE events SET voter = 99")

    lines = run(folder, "journal", "verify").stdout.splitlines()

    assert lines[3] == "… et 10 autres constats."


def test_the_boards_checkpoints_confirm_or_deny(folder: Path, tmp_path: Path) -> None:
    """The board's checkpoint confirms an intact journal. It shows that the end of a truncated journal is missing."""
    copy = tmp_path / "board.txt"
    for received in copies_of_mail(board_copy(folder, 2)):
        copy.write_bytes(received)
        confirmed = run(folder, "journal", "verify", "--checkpoint", copy)
        assert confirmed.exit_code == 0
        assert "Le point de contrôle n° 2 venu du dehors, du vendredi 30 novembre 2018 à 12:00, est confirmé." in (
            confirmed.stdout
        )
        assert "--checkpoint" not in confirmed.stdout

    run_sql(folder, "DELETE FROM seals WHERE position > 4", "DELETE FROM events WHERE id > 4")
    assert (
        run(folder, "journal", "verify", "--checkpoint", copy).stdout.count("le point de contrôle n° 2 les atteste")
        == 1
    )
    run_sql(folder, "DELETE FROM checkpoints WHERE number = 2")
    cut = run(folder, "journal", "verify")
    assert "Le journal est intact." in cut.stdout
    # The journal now lacks the choice of the voter's password.
    assert (cut.exit_code, "pseudonyme" in cut.stdout) == (1, True)
    denied = run(folder, "journal", "verify", "--checkpoint", copy)

    assert denied.exit_code == 1
    assert "Places 5 à 10 : le point de contrôle n° 2 les atteste, et elles manquent." in denied.stdout


def test_a_checkpoint_of_another_election_proves_nothing(folder: Path, tmp_path: Path) -> None:
    """A checkpoint of another election is reported as signed with another key."""
    other = made_folder(tmp_path / "other")
    with world_in(other) as world:
        world.ask()
        attest(world)
    copy = tmp_path / "board.txt"
    copy.write_text(board_copy(other, 1), "utf-8")

    result = run(folder, "journal", "verify", "--checkpoint", copy)

    assert result.exit_code == 1
    assert "Point de contrôle n° 1 : il est signé par une autre clé que celle d'ici." in result.stdout


def test_a_file_without_a_checkpoint_is_refused(folder: Path, tmp_path: Path) -> None:
    """A file without a checkpoint is refused, and nothing is verified."""
    for content in ("Bonjour", "", "retrouve-checkpoint 1\nelection x\n"):
        (tmp_path / "board.txt").write_text(content, "utf-8")

        result = run(folder, "journal", "verify", "--checkpoint", tmp_path / "board.txt")

        assert (result.exit_code, result.stdout) == (2, "")
        assert "ne contient pas de point de contrôle entier" in result.stderr


def test_the_public_key_is_the_one_of_every_checkpoint(folder: Path) -> None:
    """The printed public key is the one in the checkpoints."""
    shown = run(folder, "journal", "key").stdout.splitlines()[1]

    assert f"key {shown}" in board_copy(folder, 1)
    with world_in(folder) as world:
        assert world.dependencies.vault.public_key(key_purposes.JOURNAL).hex() == shown


# ── Protected rows ───────────────────────────────────────────────────────────────────────────────────────


def test_a_row_that_somebody_else_wrote_is_reported_and_raises_an_alarm(folder: Path) -> None:
    """A row changed in the database is reported even if the journal is intact, and raises one alarm."""
    run_sql(folder, "UPDATE voters SET email = 'mallory@ac-lumiere.example'")

    result = run(folder, "journal", "verify")

    assert result.exit_code == 1
    first, *others = result.stdout.splitlines()
    assert first == "Le journal est intact."
    assert any(line.startswith("Base, électeur n° 1, pseudonyme ") for line in others)
    assert "mallory" not in result.stdout

    with world_in(folder) as world:
        for _ in range(3):
            assert reading(world.store).voters.by_id(1) is None
        assert world.kept.lines().count(("alarm", "rows-altered voters")) == 1


def test_a_database_that_goes_away_while_rows_are_examined_is_no_finding(folder: Path) -> None:
    """If the database fails during the examination, the exit status means "try again" and not "altered"."""
    gone = OperationalError("", None, sqlite3.OperationalError("gone"))
    with patch("cli.journal.count_protected_rows", side_effect=gone):
        result = run(folder, "journal", "verify")

    assert (result.exit_code, "ne peut pas être utilisée" in result.stderr) == (os.EX_TEMPFAIL, True)


def test_a_former_password_that_was_put_back_is_reported(folder: Path) -> None:
    """A former password that was put back in the database is reported."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection:
        former = connection.execute("SELECT password, password_set, epoch, mac FROM voters").fetchone()
    with world_in(folder) as world:
        world.with_password()
    assert run(folder, "journal", "verify").exit_code == 0
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
        connection.execute("UPDATE voters SET password = ?, password_set = ?, epoch = ?, mac = ?", former)

    result = run(folder, "journal", "verify")

    assert result.exit_code == 1
    assert "la ligne et le journal ne s'accordent pas" in result.stdout
