"""`retrouve journal declare` declares the loss of the journal's end, so that it is not taken for tampering."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from tests.cli.test_journal import attest, board_copy, run_sql
from tests.cli.test_journal_export import check
from tests.support.commands import run
from tests.support.folders import copied_folder, world_in

DATABASE = "retrouve.sqlite3"
WHEN = "2018-11-30T12:10"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An election whose restored database is older than the board's last two checkpoints, which are in `board.txt`."""
    folder = copied_folder(tmp_path / "election")
    with world_in(folder) as world:
        world.add()
        world.with_password()
        attest(world)
    older = (folder / DATABASE).read_bytes()
    with world_in(folder) as world:
        for _ in range(2):
            world.with_password()
            attest(world)
    (tmp_path / "board.txt").write_text("\n".join(board_copy(folder, number) for number in (1, 2, 3)), "utf-8")
    (folder / DATABASE).write_bytes(older)
    with world_in(folder) as world:
        world.clock.move(minutes=20)
        world.ask()
        attest(world)
    return folder


def declare(folder: Path, kind: str = "failover", when: str = WHEN) -> Result:
    return run(
        folder,
        "journal",
        "declare",
        kind,
        "--cause",
        "host-lost",
        "--when",
        when,
        "--checkpoint",
        folder.parent / "board.txt",
    )


def test_a_declared_loss_is_verified_as_one(folder: Path) -> None:
    """After the loss is declared, the journal and its export count as intact and say what is lost."""
    board = folder.parent / "board.txt"
    before = run(folder, "journal", "verify", "--checkpoint", board)
    assert (before.exit_code, before.stdout.splitlines()[0]) == (1, "Le journal n'est pas intact.")

    declared = declare(folder)
    assert declared.exit_code == 0, declared.output
    assert "ne peuvent pas être connus" in declared.output
    with world_in(folder) as world:
        world.clock.move(hours=1)
        attest(world)

    after = run(folder, "journal", "verify", "--checkpoint", board)
    assert (after.exit_code, after.stdout.splitlines()[0]) == (0, "Le journal est intact.")
    assert "Perte déclarée pour le vendredi 30 novembre 2018 à 12:10 : un autre serveur" in after.stdout
    assert "les points de contrôle n° 2 à 3 les attestent, et leur perte est déclarée" in after.stdout
    assert "n° 1 venu du dehors" in after.stdout
    assert "n° 2 venu du dehors" not in after.stdout
    exported = CliRunner().invoke(main, ["journal", "export", str(folder.parent / "export"), "--dir", str(folder)])
    assert exported.exit_code == 0, exported.output
    status, said = check(folder.parent / "export", board)
    assert (status, said[0]) == (0, "Tout concorde.")
    assert any("points de contrôle n° 2 à 3" in line for line in said)

    run_sql(folder, "UPDATE events SET reason = 'x' WHERE id = 2")
    assert run(folder, "journal", "verify", "--checkpoint", board).exit_code == 1


def test_what_cannot_be_declared_is_refused(folder: Path) -> None:
    """A second declaration, an invalid time, an unknown kind and a file without a checkpoint are refused."""
    for when in ("noon", "0001-01-01T00:00"):
        assert "ce n'est pas un moment" in declare(folder, when=when).output
    assert declare(folder).exit_code == 0
    waiting = declare(folder)
    assert (waiting.exit_code, "attend son sceau" in waiting.output) == (1, True)
    with world_in(folder) as world:
        world.clock.move(minutes=10)  # until the declared time
        attest(world)
    again = declare(folder)
    assert (again.exit_code, "l'est déjà" in again.output) == (1, True)
    (folder.parent / "board.txt").write_text("Bonjour", "utf-8")
    assert declare(folder).exit_code == 2
    assert declare(folder, kind="failure").exit_code == 2


def test_a_journal_that_is_not_intact_raises_an_alarm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that is not intact raises one alarm, however often it is verified."""
    run_sql(folder, "UPDATE events SET reason = 'x' WHERE id = 2")
    with monkeypatch.context() as interrupted:
        interrupted.setattr("cli.journal.examine_rows", lambda _: sys.exit(3))
        assert run(folder, "journal", "verify").exit_code == 3
    for _ in range(2):
        with world_in(folder) as world:
            assert world.kept.lines().count(("alarm", "journal-broken")) == 1
        assert run(folder, "journal", "verify").exit_code == 1
