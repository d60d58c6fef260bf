import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from cli.fiction import fictional_people, write_roll
from cli.roll import import_roll
from cli.words import terminal_language
from core.adapters.memory import MemoryStore
from core.adapters.throttle import OpenDoor
from core.bootstrap import House
from core.ports import Act, Actor, Event
from core.pseudonyms import Pseudonyms
from core.text import Language
from tests.support.election import NOON, PLATFORM_KEY, tools
from tests.support.worlds import sample_settings

PEOPLE = list(fictional_people(60, seed=1))
Import = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def _french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")


@pytest.fixture
def store() -> MemoryStore:
    """An empty store."""
    return MemoryStore()


@pytest.fixture
def roll_file(tmp_path: Path) -> Path:
    """A roll of sixty persons."""
    path = tmp_path / "roll.csv"
    write_roll(PEOPLE, path)
    return path


@pytest.fixture
def bring(store: MemoryStore, roll_file: Path) -> Import:
    """Imports the file; returns the exit status and what was said."""

    def run(*, wanted: bool = False, key: bytes = PLATFORM_KEY) -> tuple[int, str]:
        said: list[str] = []
        status = import_roll(
            roll_file, tools(store), Pseudonyms(key), scratch=roll_file.parent, wanted=wanted, echo=said.append
        )
        return status, "\n".join(said)

    return run


def rewrite(path: Path, old: str, new: str) -> None:
    """Changes the file."""
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def addresses(store: MemoryStore) -> set[str]:
    """Who is on the roll."""
    with store.read() as transaction:
        return {entry.email for _, entry in transaction.roll.entries()}


def test_an_empty_roll_is_filled_at_once(bring: Import, store: MemoryStore) -> None:
    """Nothing can be lost on an empty roll, so nothing is asked."""
    status, said = bring()

    assert status == 0
    assert "60 personnes ajoutées" in said
    assert said.endswith("C'est fait.")
    assert addresses(store) == {person.email for person in PEOPLE}


def test_the_same_file_again_has_nothing_to_do(bring: Import) -> None:
    """Importing twice is importing once."""
    bring()

    status, said = bring(wanted=True)

    assert status == 0
    assert said.endswith("La liste est déjà celle de ce fichier : rien à changer.")


def test_changes_are_shown_and_not_made(bring: Import, store: MemoryStore, roll_file: Path) -> None:
    """A filled roll changes only with --apply; the summary names line and columns, and masks the address."""
    bring()
    rewrite(roll_file, "camille.martin@", "c.martin@")

    status, said = bring()

    assert status == 0
    assert "1 personne corrigée" in said
    assert "  ligne 2, c•••@ac-lumiere.example : courriel" in said
    assert "c.martin@" not in said
    assert said.endswith("relancez la commande avec --apply.")
    assert "camille.martin@ac-lumiere.example" in addresses(store)


def test_apply_makes_the_changes(bring: Import, store: MemoryStore, roll_file: Path) -> None:
    """With --apply what was shown is done."""
    bring()
    write_roll(PEOPLE[1:], roll_file)

    status, said = bring(wanted=True)

    assert status == 0
    assert "1 personne retirée" in said
    assert said.endswith("C'est fait.")
    assert addresses(store) == {person.email for person in PEOPLE[1:]}


def test_who_comes_back_is_counted(bring: Import, store: MemoryStore, roll_file: Path) -> None:
    """And is nobody new."""
    bring()
    write_roll(PEOPLE[1:], roll_file)
    bring(wanted=True)
    write_roll(PEOPLE, roll_file)

    said = bring(wanted=True)[1]

    assert "1 personne revenue" in said
    assert "0 personne ajoutée" in said
    assert len(store._shelf.voters) == len(PEOPLE)


def test_under_another_key_of_the_platform_everyone_gets_another_name(bring: Import, store: MemoryStore) -> None:
    """By importing the same file again; nobody's links and sessions end."""
    bring()

    status, said = bring(wanted=True, key=b"another")

    assert status == 0
    assert "60 personnes corrigées" in said
    assert "nom pour le service de vote" in said
    assert {voter.epoch for voter in store._shelf.voters.values()} == {0}
    assert "60 personnes inchangées" in bring(key=b"another")[1]


def test_the_journal_keeps_each_import_and_nobody_s_name(bring: Import, store: MemoryStore, roll_file: Path) -> None:
    """Who did it, when, and how many persons were added, corrected and removed; nothing where nothing changed."""
    bring()
    write_roll(PEOPLE[1:], roll_file)
    bring()
    bring(wanted=True)
    bring(wanted=True)

    assert list(store._shelf.events.values()) == [
        Event(at=NOON, actor=Actor.OPERATOR, act=Act.ROLL_IMPORTED, reason=counts)
        for counts in ("added 60, corrected 0, removed 0", "added 0, corrected 0, removed 1")
    ]


def test_one_fault_and_nothing_is_imported(bring: Import, store: MemoryStore, roll_file: Path) -> None:
    """Faults are listed and counted, the status says so, and the roll is as it was."""
    rewrite(roll_file, PEOPLE[4].numen, "NUMEN")

    status, said = bring(wanted=True)

    assert status == 1
    assert "Ligne 6, « NUMEN » : ce n'est pas un NUMEN" in said
    assert said.endswith("1 erreur en tout.")
    assert addresses(store) == set()


def test_a_file_of_other_columns_is_refused(bring: Import, roll_file: Path) -> None:
    """The refusal says what was found and what is expected."""
    rewrite(roll_file, "courriel;", "pointure;")

    status, said = bring()

    assert status == 1
    assert "Colonnes inconnues : « pointure »." in said
    assert "Colonnes attendues : courriel, nom, prénom, date de naissance, NUMEN." in said


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.FRENCH),
        ({"LANG": "C.UTF-8"}, Language.FRENCH),
        ({"LANG": "en_GB.UTF-8"}, Language.ENGLISH),
        ({"LANG": "en_GB.UTF-8", "RETROUVE_LANGUAGE": "fr"}, Language.FRENCH),
        ({"LANG": "fr_FR.UTF-8", "RETROUVE_LANGUAGE": "en"}, Language.ENGLISH),
    ],
)
def test_the_terminal_speaks_french_unless_asked(environment: dict[str, str], language: Language) -> None:
    """English comes with RETROUVE_LANGUAGE or LANG."""
    assert terminal_language(environment) is language


def test_case_48_a_full_disk_is_told_and_nothing_is_imported(
    store: MemoryStore, roll_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 48: what is read waits on the disk of the election's folder."""

    def full(**_where: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    house = House(sample_settings(), tools(store), OpenDoor())
    monkeypatch.setattr("cli.house.open_house", lambda _directory: house)
    monkeypatch.setattr("cli.roll.TemporaryFile", full)

    result = CliRunner().invoke(main, ["roll", "import", str(roll_file)])

    assert result.exit_code == 1
    assert result.output == "L'import n'a pas pu se faire (No space left on device). Rien n'a été importé.\n"
    assert addresses(store) == set()
