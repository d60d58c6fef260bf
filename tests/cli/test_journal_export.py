"""`retrouve journal export` writes a folder that contains a program to verify it without the product."""

import csv
import runpy
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path
from shutil import copytree
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from cli.journal import journal
from core.adapters.journal_export import CHANNELS_OF, HEADINGS, SCRIPT
from core.journal.declared_losses import FailoverOrRestoreCause, JournalLossKind
from core.journal.verifier import public_key_pem
from core.ports import REASONED, Actor, Event, EventType
from core.security.key_roles import ProgramKeyRole
from core.text.faces.journal_export_sentences import CHANNELS, WHO
from tests.cli.test_journal import attest, board_copy, copies_of_mail, run_sql
from tests.support import commands
from tests.support.election import CAMILLE
from tests.support.folders import copied_folder, world_in
from tests.support.stores import writing

PYTHONS = {"openssl": [sys.executable, "-I", "-S"], "cryptography": [sys.executable, "-I"]}
"""Python commands that run the exported program with openssl or `cryptography`, without the product's packages."""


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An election with two checkpoints sent to the board."""
    folder = copied_folder(tmp_path_factory.mktemp("exported") / "election")
    with world_in(folder) as world:
        world.add()
        for _ in range(2):
            world.with_password()
            attest(world)
        writing(world.store).journal.write(
            Event(
                at=world.clock.at,
                actor=Actor.COURIER,
                act=EventType.MAIL_REFUSED,
                reason="=550 formula;\n«\x1b[2J\u202e🫠",
            )
        )
        world.ask("nobody@ac-lumiere.example")
        world.courier().run_once()
        attest(world)
    return folder


@pytest.fixture(scope="module")
def whole_export(election: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of this election."""
    folder = tmp_path_factory.mktemp("whole") / "export"
    assert run(election, folder).exit_code == 0
    return folder


@pytest.fixture
def folder(whole_export: Path, tmp_path: Path) -> Path:
    """A copy of the export that a test may tamper with."""
    return Path(copytree(whole_export, tmp_path / "export"))


def run(election: Path, target: Path) -> Result:
    return CliRunner().invoke(journal, ["export", str(target), "--dir", str(election)], catch_exceptions=False)


def check(folder: Path, *files: Path) -> tuple[int, list[str]]:
    """Run the exported program in this process, and return its exit status and its output."""
    printed = StringIO()
    with (
        patch.object(sys, "argv", ["verifier.py", *map(str, files)]),
        redirect_stdout(printed),
        redirect_stderr(printed),
        pytest.raises(SystemExit) as ended,
    ):
        runpy.run_path(str(folder / "verifier.py"), run_name="__main__")
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.getvalue().splitlines()


def check_alone(folder: Path, *files: Path, by: str) -> tuple[int, list[str]]:
    """Run the exported program from another folder, without the product's packages."""
    command = [*PYTHONS[by], folder / "verifier.py", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={"PATH": "/usr/bin:/bin"})
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, (done.stdout + done.stderr).splitlines()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_an_export_can_be_read_by_people(whole_export: Path) -> None:
    """The exported tables describe each event in words, name no person, and cannot control a terminal."""
    rows = read_csv(whole_export / "journal.csv")

    assert tuple(rows[0]) == HEADINGS
    assert rows[0]["quoi"] == "Un message est demandé."
    assert (rows[0]["date"], rows[0]["date (UTC)"]) == ("30/11/2018 12:00:00", "2018-11-30T11:00:00Z")
    assert {row["qui"] for row in rows} == {"électeur", "programme d'envoi"}
    assert [row["motif"] for row in rows if row["acte"] == "mail-refused"] == ["'=550 formula; «�[2J�🫠"]
    everything = b"".join(path.read_bytes() for path in whole_export.iterdir())
    for name in (CAMILLE, "Martin", "nobody@"):
        assert name.encode() not in everything

    counts = {tuple(row.values())[:5]: int(row["nombre"]) for row in read_csv(whole_export / "comptes.csv")}

    chosen, taken = "Un nouveau mot de passe est enregistré.", "Le message est parti."
    assert counts["2018-11-30", "site", chosen, "password-chosen", ""] == 2
    assert counts["2018-11-30", "courriel", taken, "mail-accepted", ""] == 4
    dropped = "Rien n'est parti : cette adresse n'est pas sur la liste électorale."
    assert counts["2018-11-30", "programme d'envoi", dropped, "ask-dropped", "not-on-the-roll"] == 1
    assert sum(counts.values()) == len(read_csv(whole_export / "journal.csv"))

    text = (whole_export / "LISEZMOI.txt").read_text("utf-8")

    assert "python3 verifier.py" in text
    assert "15 lignes scellées, 3 points de contrôle" in text.replace("\n", " ")
    assert all(path.name in text for path in whole_export.iterdir() if path.name != "LISEZMOI.txt")
    assert max(map(len, text.splitlines())) <= 90


def test_every_actor_and_face_has_a_word() -> None:
    """The export has a word for every actor and channel, and its program knows every kind and cause of a loss."""
    program = runpy.run_path(str(Path(str(files("core.journal"))) / SCRIPT))
    assert program["COUNTED_REASONS"] == set(REASONED)
    assert set(program["PROGRAMS"]) == set(ProgramKeyRole)
    assert set(program["LOSS_KINDS"]) == set(JournalLossKind)
    assert set(program["LOSS_CAUSES"]) == set(FailoverOrRestoreCause)
    assert set(WHO) == set(Actor)
    assert set(CHANNELS) == set(Actor) | set(CHANNELS_OF)


@pytest.mark.parametrize("by", PYTHONS)
def test_an_export_is_verified_without_our_software(election: Path, folder: Path, tmp_path: Path, by: str) -> None:
    """The exported program accepts a genuine export, with openssl or `cryptography`, and confirms a checkpoint."""
    (tmp_path / "mail.txt").write_text(f"> {board_copy(election, 2)}", "utf-8")

    status, said = check_alone(folder, tmp_path / "mail.txt", by=by)

    complete = by != "openssl"
    assert (status, said[0]) == (0 if complete else 2, "Tout concorde.")
    assert any("signatures des lignes n'ont pas été vérifiées" in each for each in said) is not complete
    assert said[1] == "15 lignes ; 3 points de contrôle exportés ; 1 dans les fichiers donnés."
    assert "Pour prouver" not in "".join(said)
    assert check_alone(folder, by=by)[0] == (0 if complete else 2)


def edit(name: str, old: str, new: str, count: int = 1) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, count), "utf-8")

    return change


def drop(name: str, which: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        del lines[which]
        (folder / name).write_text("".join(lines), "utf-8")

    return change


def exchange_reasons(folder: Path) -> None:
    """Move the only counted reason to another event with the same count."""
    rows = read_csv(folder / "comptes.csv")
    reasoned = next(row for row in rows if row["motif"])
    other = next(row for row in rows if not row["motif"] and row["nombre"] == reasoned["nombre"])
    reasoned["motif"], other["motif"] = other["motif"], reasoned["motif"]
    with (folder / "comptes.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)


def test_another_version_of_unicode_is_no_change(folder: Path) -> None:
    """The exported program accepts an export from a Python that knows fewer characters than this one, or more."""
    edit("journal.csv", "🫠", "�")(folder)

    assert check(folder)[1][0] == "Tout concorde."


def another_key(folder: Path) -> None:
    (folder / "cle-publique.pem").write_text(public_key_pem(b"k" * 32), "ascii")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit("journal.jsonl", "link-decided", "link-refused"), "Place 2 : la ligne 2, du 2018-11-30T11:00:00Z, doss"),
        (drop("journal.jsonl", 4), "Place 5 : la ligne 6"),
        (drop("journal.jsonl", -1), "Après la place 14 : des empreintes n'ont plus leur ligne."),
        (drop("empreintes.txt", 0), "Place 1 : la ligne 1"),
        (edit("journal.csv", "asked", "frozen"), "journal.csv, place 1 : ce n'est pas ce que dit journal.jsonl."),
        (
            edit("journal.csv", "30/11/2018 12:00:00", "30/11/2018 13:30:00", 2),
            "journal.csv, place 3 : ce n'est pas ce que dit journal.jsonl.",
        ),
        (edit("journal.csv", "Un message est demandé.", "Rien n'est parti."), "d'autres lignes du même acte"),
        (edit("journal.csv", ";programme d'envoi;", ";exploitant;"), "d'autres lignes du même acte"),
        (edit("comptes.csv", ";2", ";3"), "comptes.csv, 2018-11-30 : ce ne sont pas les comptes de journal.csv."),
        *(
            (edit("comptes.csv", ";not-on-the-roll;", to), "comptes.csv, 2018-11-30 : ce ne sont pas les comptes")
            for to in (";frozen;", ";;", ';"\'=550 formula;\n«";')
        ),
        (exchange_reasons, "comptes.csv, 2018-11-30 : ce ne sont pas les comptes de journal.csv."),
        (drop("comptes.csv", 1), "comptes.csv, 2018-11-30 : ce ne sont pas les comptes de journal.csv."),
        (drop("journal.csv", -1), "journal.csv s'arrête avant la fin de journal.jsonl."),
        (edit("points-de-controle.txt", "number 1\n", "number 9\n"), "Point de contrôle n° 9 : son texte"),
        (edit("points-de-controle.txt", "lines 4\n", "lines 99\n"), "Point de contrôle n° 1 : son texte"),
        (another_key, "Point de contrôle n° 1 : il est signé par une autre clé que celle de cle-publique.pem."),
    ],
)
def test_every_change_of_an_export_is_found(folder: Path, change: Callable[[Path], None], said: str) -> None:
    """The exported program finds every change of an export and says where it is."""
    change(folder)

    status, lines = check(folder)

    assert (status, lines[0]) == (1, "Quelque chose ne concorde pas.")
    assert said in "\n".join(lines)


@pytest.mark.parametrize("by", PYTHONS)
def test_changes_are_found_without_our_software(folder: Path, by: str) -> None:
    """The exported program also finds changes if it runs with openssl or `cryptography` only."""
    for change, status, said in (
        (
            edit("points-de-controle.txt", "lines 4\n", "lines 99\n"),
            1,
            "Point de contrôle n° 1 : son texte",
        ),
        (another_key, 1, "Point de contrôle n° 2 : il est signé par une autre clé que celle de cle-publique.pem."),
        (edit("journal.jsonl", "link-decided", "link-refused"), 1, "Place 2 : la ligne 2"),
        (lambda folder: (folder / "empreintes.txt").unlink(), 2, "Le fichier empreintes.txt manque"),
    ):
        change(folder)
        ended, lines = check_alone(folder, by=by)
        assert (ended, said in "\n".join(lines)) == (status, True), lines


def test_another_key_of_a_program_is_found_by_the_boards_digest(election: Path, folder: Path) -> None:
    """The exported program prints the digest that `journal key` shows, until somebody adds or replaces a key."""
    digest = commands.run(election, "journal", "key").stdout.splitlines()[-1]
    assert any(digest in line for line in check(folder)[1])

    file = folder / "cles-des-programmes.txt"
    whole = file.read_text("ascii")
    file.write_text(f"{whole}desk {'ab' * 32}\n", "ascii")
    assert not any(digest in line for line in check(folder)[1])

    file.write_text(f"{whole}mallory {'ab' * 32}\n", "ascii")
    assert check(folder) == (2, ["cles-des-programmes.txt nomme un programme inconnu : rien n'a été vérifié."])


def test_a_journal_made_anew_is_found_by_the_boards_checkpoints(election: Path, folder: Path, tmp_path: Path) -> None:
    """A consistently truncated export is accepted, until the board's checkpoint shows that its end is missing."""
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)[:10]
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    for name, kept in (("empreintes.txt", 10), ("journal.csv", 11)):
        rows = (folder / name).read_text("utf-8").splitlines(keepends=True)[:kept]
        (folder / name).write_text("".join(rows), "utf-8")
    rows = [
        "jour;voie;quoi;acte;motif;nombre",
        *(f"2018-11-30;;{row['quoi']};{row['acte']};;1" for row in read_csv(folder / "journal.csv")),
    ]
    (folder / "comptes.csv").write_text("\n".join(rows), "utf-8")
    text = (folder / "points-de-controle.txt").read_text("utf-8")
    (folder / "points-de-controle.txt").write_text("\n\n".join(text.split("\n\n")[:2]) + "\n", "utf-8")
    assert check(folder)[0] == 0

    for received in copies_of_mail(board_copy(election, 3)):
        (tmp_path / "mail.eml").write_bytes(received)
        status, said = check(folder, tmp_path / "mail.eml")

        assert status == 1
        assert said[1].startswith("Places 11 à ")
        assert said[1].endswith("le point de contrôle n° 3 les atteste, mais elles manquent.")


MAY_AGREE = ("cle-publique.pem", "points-de-controle.txt")
"""Files that may still be valid after they were truncated."""
FILES = (*MAY_AGREE, "cles-des-programmes.txt", "journal.jsonl", "journal.csv", "empreintes.txt", "comptes.csv")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_damaged_or_gone_is_told(folder: Path, name: str) -> None:
    """An export with a missing or truncated file is not accepted, and causes no error."""
    whole = (folder / name).read_bytes()
    last = len(whole.rstrip().rpartition(b"\n")[0]) + 1
    damaged = [
        whole[:last] + b"[1]\n",
        whole[:last] + b"3\n",
        *(whole[:end] for end in (0, last // 2, last + 3, len(whole) - 4)),
    ]
    for content in damaged:
        (folder / name).write_bytes(content)
        assert "Tout concorde." not in check(folder)[1] or name in MAY_AGREE, content[-99:]
    (folder / name).unlink()

    assert check(folder) == (2, [f"Le fichier {name} manque ou ne peut pas être lu : rien n'a été vérifié."])


def test_a_file_without_a_checkpoint_is_reported(whole_export: Path, tmp_path: Path) -> None:
    """If a given file contains no checkpoint, the exported program says so and verifies nothing."""
    (tmp_path / "mail.txt").write_text("Bonjour", "utf-8")

    status, said = check(whole_export, tmp_path / "mail.txt")

    assert status == 2
    assert said == ["Les fichiers donnés ne contiennent aucun point de contrôle : rien n'a été vérifié."]


def test_a_tampered_journal_is_exported_as_it_is(election: Path, tmp_path: Path) -> None:
    """A tampered journal is exported unchanged, and the exported program finds the changes."""
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)
    for name in ("master.key", "election.toml", "retrouve.sqlite3"):
        (copy / name).write_bytes((election / name).read_bytes())
        (copy / name).chmod(0o600)
    run_sql(
        copy,
        "DELETE FROM events WHERE id = 3",
        "UPDATE events SET act = 'of nobody', actor = 'x', at = 'y' WHERE id = 4",
    )

    assert run(copy, tmp_path / "export").exit_code == 0
    status, said = check(tmp_path / "export")

    assert status == 1
    assert "Place 3 : la ligne manque." in said
    assert any(line.startswith("Place 4 : la ligne 4") for line in said)


def test_an_existing_folder_is_refused(election: Path, tmp_path: Path) -> None:
    """An export into an existing folder is refused, and nothing is written."""
    (tmp_path / "export").mkdir()

    result = run(election, tmp_path / "export")

    assert result.exit_code == 1
    assert "existe déjà" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "export"]
    assert run(election, tmp_path / "no" / "where").exit_code == 1
