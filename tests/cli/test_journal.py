"""`retrouve journal`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.journal import journal
from core import purposes
from core.courier.notary import Notary
from core.journal import checkpoints
from tests.support.folders import at_work, made_folder
from tests.support.worlds import World


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An election in a folder, of which the board was told twice; two lines wait for their seal."""
    folder = made_folder(tmp_path_factory.mktemp("lived") / "election")
    with at_work(folder) as world:
        world.add()
        for _ in range(2):
            world.with_password()
            attest(world)
        world.ask()
    return folder


def attest(world: World) -> None:
    """Everything is sealed and attested."""
    notary = Notary(tools=world.tools, board=None)
    notary.seal()
    notary.attest(at_once=True)


@pytest.fixture(autouse=True)
def _french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


@pytest.fixture
def folder(lived: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, to be tampered with."""
    copy = tmp_path / "election"
    copy.mkdir(mode=0o700)
    for name in ("master.key", "election.toml", "retrouve.sqlite3"):
        (copy / name).write_bytes((lived / name).read_bytes())
        (copy / name).chmod(0o600)
    return copy


def run(folder: Path, *words: str | Path) -> Result:
    """The command on that folder."""
    return CliRunner().invoke(journal, [*map(str, words), "--dir", str(folder)], catch_exceptions=False)


def do(folder: Path, *statements: str) -> None:
    """What whoever holds the machine may do."""
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def pasted(folder: Path, number: int) -> str:
    """What the board has of a checkpoint."""
    with at_work(folder) as world, world.store.read() as transaction:
        found = transaction.chain.checkpoint(number)
    assert found is not None
    return "\n".join(checkpoints.shown(found))


def test_a_sound_journal_is_said_to_be(folder: Path) -> None:
    """How far it goes, and what is not protected yet."""
    result = run(folder, "verify")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Le journal est intact.",
        "10 lignes scellées.",
        "Dernier point de contrôle : le n° 2, du vendredi 30 novembre 2018 à 12:00.",
        "2 lignes attendent encore leur sceau, la plus ancienne depuis le vendredi 30 novembre 2018 à 12:00 : rien ne les protège jusque-là.",
        "Tout vient ici de cette machine. Qui la tient peut tout refaire, sauf ce que le bureau a reçu : donnez-le avec --checkpoint.",
    ]


def test_an_empty_journal_is_sound(tmp_path: Path) -> None:
    """The first day."""
    result = run(made_folder(tmp_path / "new"), "verify")

    assert result.exit_code == 0
    assert "Aucune ligne n'est encore scellée." in result.stdout
    assert "Aucun point de contrôle n'a encore été fait." in result.stdout


def test_a_change_is_told_with_its_place(folder: Path) -> None:
    """The line, when it was written, and of which case."""
    do(folder, "UPDATE events SET reason = 'x', act = 'an act of nobody' WHERE id = 2")

    result = run(folder, "verify")

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
def test_each_trouble_has_its_sentence(folder: Path, statement: str, said: str) -> None:
    """Whatever was done, and whatever stands there now."""
    do(folder, statement)

    result = run(folder, "verify")

    assert result.exit_code == 1
    assert said in result.stdout


def test_many_findings_are_counted_and_the_first_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen is enough to begin with."""
    monkeypatch.setattr("cli.journal.SHOWN", 2)
    do(folder, "UPDATE events SET voter = 99")

    lines = run(folder, "verify").stdout.splitlines()

    assert lines[3] == "… et 8 autres constats."


def test_what_the_board_kept_confirms_or_denies(folder: Path, tmp_path: Path) -> None:
    """Its mail as it was pasted; a chain cut off after the first checkpoint is sound until the second one is shown."""
    copy = tmp_path / "board.txt"
    copy.write_text(f"> Bonjour\n> {pasted(folder, 2)}\n", "utf-8")
    confirmed = run(folder, "verify", "--checkpoint", copy)
    assert confirmed.exit_code == 0
    assert "Le point de contrôle n° 2 venu du dehors, du vendredi 30 novembre 2018 à 12:00, est confirmé." in (
        confirmed.stdout
    )
    assert "--checkpoint" not in confirmed.stdout

    do(
        folder,
        "DELETE FROM seals WHERE position > 4",
        "DELETE FROM events WHERE id > 4",
        "DELETE FROM checkpoints WHERE number = 2",
    )
    assert run(folder, "verify").exit_code == 0
    denied = run(folder, "verify", "--checkpoint", copy)

    assert denied.exit_code == 1
    assert "Places 5 à 10 : le point de contrôle n° 2 les atteste, et elles manquent." in denied.stdout


def test_a_checkpoint_of_another_election_proves_nothing(folder: Path, tmp_path: Path) -> None:
    """It is said, whatever it attests."""
    other = made_folder(tmp_path / "other")
    with at_work(other) as world:
        world.ask()
        attest(world)
    copy = tmp_path / "board.txt"
    copy.write_text(pasted(other, 1), "utf-8")

    result = run(folder, "verify", "--checkpoint", copy)

    assert result.exit_code == 1
    assert "Point de contrôle n° 1 : il est signé par une autre clé que celle d'ici." in result.stdout


@pytest.mark.parametrize("content", ["Bonjour", "", "retrouve-checkpoint 1\nelection x\n"])
def test_a_file_without_a_checkpoint_is_refused(folder: Path, tmp_path: Path, content: str) -> None:
    """Nothing was verified, and the status says so."""
    (tmp_path / "board.txt").write_text(content, "utf-8")

    result = run(folder, "verify", "--checkpoint", tmp_path / "board.txt")

    assert result.exit_code == 2
    assert "ne contient pas de point de contrôle entier" in result.stderr
    assert result.stdout == ""


def test_the_public_key_is_the_one_of_every_checkpoint(folder: Path) -> None:
    """And stays the same when the master key rotates."""
    shown = run(folder, "key").stdout.splitlines()[-1]

    assert f"key {shown}" in pasted(folder, 1)
    with at_work(folder) as world:
        assert world.tools.vault.public_key(purposes.JOURNAL).hex() == shown
