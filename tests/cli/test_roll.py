import dataclasses
import errno
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import main
from cli.roll import import_roll
from cli.terminal_language import terminal_language
from core.adapters.network_limits import NoNetworkLimits
from core.adapters.sql.tables import voters
from core.app.services import Services
from core.ports import Actor, EventType, Store, Voter
from core.roll.roll_changes import RollChanges, compare_rolls
from core.security.digests import PlatformPseudonyms
from core.text.text import Language
from demo.fictional_voters import fictional_people, write_roll
from tests.support.database_writer import write_row
from tests.support.election import PLATFORM_KEY, dependencies
from tests.support.stores import KeptStore
from tests.support.worlds import sample_settings

PEOPLE = list(fictional_people(60, seed=1))
Import = Callable[..., tuple[int, str]]

UNCOMPARED = {"at", "program", "uid", "signature"}


@pytest.fixture
def store(sql_kept: KeptStore) -> Store:
    return sql_kept.store


@pytest.fixture
def roll_file(tmp_path: Path) -> Path:
    """A roll file with sixty people."""
    path = tmp_path / "liste d'octobre.csv"
    write_roll(PEOPLE, path)
    return path


@pytest.fixture
def import_file(store: Store, roll_file: Path) -> Import:
    """A function that imports the roll file. It returns the exit status and the output."""

    def run(*, wanted: bool = False, key: bytes = PLATFORM_KEY, **typed: Any) -> tuple[int, str]:  # noqa: ANN401  # the count
        said: list[str] = []
        status = import_roll(
            roll_file,
            dependencies(store),
            PlatformPseudonyms(key),
            scratch=roll_file.parent,
            wanted=wanted,
            echo=said.append,
            **typed,
        )
        return status, "\n".join(said)

    return run


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def people(store: Store) -> list[Voter]:
    with store.read() as transaction:
        found = (transaction.voters.by_id(number) for number in range(1, 2 * len(PEOPLE)))
        return [voter for voter in found if voter]


def addresses(store: Store) -> set[str]:
    with store.read() as transaction:
        return {entry.email for _, entry in transaction.roll.entries()}


def test_a_roll_is_filled_at_once_and_changed_on_demand(import_file: Import, store: Store, roll_file: Path) -> None:
    """An empty roll is filled without --apply. With --apply, voters are removed, and can come back later."""
    status, said = import_file()
    assert (status, "60 personnes ajoutées" in said, said.endswith("C'est fait.")) == (0, True, True)
    assert addresses(store) == {person.email for person in PEOPLE}
    status, said = import_file(wanted=True)
    assert (status, said.endswith("La liste est déjà celle de ce fichier : rien à changer.")) == (0, True)

    write_roll(PEOPLE[1:], roll_file)
    status, said = import_file(wanted=True)
    assert (status, "1 personne retirée" in said, said.endswith("C'est fait.")) == (0, True, True)
    assert addresses(store) == {person.email for person in PEOPLE[1:]}

    write_roll(PEOPLE, roll_file)
    said = import_file(wanted=True)[1]
    assert ("1 personne revenue" in said, "0 personne ajoutée" in said) == (True, True)
    assert len(people(store)) == len(PEOPLE)


def test_changes_are_shown_and_not_made(import_file: Import, store: Store, roll_file: Path) -> None:
    """Changes to a filled roll are only shown without --apply, with masked addresses."""
    import_file()
    rewrite(roll_file, "camille.martin@", "c.martin@")

    status, said = import_file()

    assert status == 0
    assert "1 personne corrigée" in said
    assert "  ligne 2, c•••@ac-lumiere.example : courriel" in said
    assert "c.martin@" not in said
    assert said.endswith("relancez la commande avec --apply.")
    assert "camille.martin@ac-lumiere.example" in addresses(store)


def test_rolls_are_compared_while_others_write_and_another_import_is_noticed(
    import_file: Import, roll_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another import changes the roll during the comparison, nothing is imported."""
    import_file()
    write_roll(PEOPLE[1:], roll_file)

    def compare_slowly(*rolls: Any) -> RollChanges:  # noqa: ANN401  # both rolls, and who left
        changes = compare_rolls(*rolls)
        monkeypatch.setattr("cli.roll.compare_rolls", compare_rolls)
        assert import_file(wanted=True)[0] == 0
        return changes

    monkeypatch.setattr("cli.roll.compare_rolls", compare_slowly)
    status, said = import_file(wanted=True)

    assert status == 1
    assert said.startswith("Un autre import a changé la liste pendant celui-ci. Rien n'a été importé.")
    assert import_file(wanted=True)[1].endswith("rien à changer.")


def test_another_platform_key_gives_everyone_another_pseudonym(import_file: Import, store: Store) -> None:
    """An import under another platform key gives every voter another pseudonym, and does not end links or sessions."""
    import_file()

    status, said = import_file(wanted=True, key=b"another")

    assert status == 0
    assert "60 personnes corrigées" in said
    assert "nom pour le service de vote" in said
    assert {voter.epoch for voter in people(store)} == {0}
    assert "60 personnes inchangées" in import_file(key=b"another")[1]


def test_the_journal_records_each_import_without_names(import_file: Import, store: Store, roll_file: Path) -> None:
    """The journal records the counts and a digest of each import, but no import without changes."""
    import_file()
    write_roll(PEOPLE[1:], roll_file)
    import_file()
    import_file(wanted=True)
    import_file(wanted=True)

    with store.read() as transaction:
        first, second = (line.columns for line in transaction.chain.unsealed(transaction.chain.end(), limit=3))
        digest = transaction.roll.digest()
    counts = "added 60, corrected 0, removed 0", "added 0, corrected 0, removed 1"
    for columns, reason in zip((first, second), counts, strict=True):
        assert {name: value for name, value in columns.items() if value is not None and name not in UNCOMPARED} == {
            "actor": Actor.OPERATOR,
            "act": EventType.ROLL_IMPORTED,
            "reason": reason,
            "credential": columns["credential"],
        }
    assert (first["credential"] not in (None, digest), second["credential"]) == (True, digest)


def test_a_file_with_a_fault_is_not_imported(import_file: Import, store: Store, roll_file: Path) -> None:
    """A roll file with errors is not imported, and each error is listed with its line."""
    many = list(fictional_people(1_200, seed=1))
    write_roll([*many, many[1_100]], roll_file)
    rewrite(roll_file, many[1_000].numen, "NUMEN")

    status, said = import_file(wanted=True)

    assert status == 1
    assert "Ligne 1002, « NUMEN » : ce n'est pas un NUMEN" in said
    assert "Ligne 1202" in said
    assert "déjà à la ligne 1102" in said
    assert said.endswith("3 erreurs en tout.")
    assert addresses(store) == set()


def test_a_file_of_other_columns_is_refused(import_file: Import, roll_file: Path) -> None:
    """A roll file with unknown columns is refused, and the columns found and expected are named."""
    rewrite(roll_file, "courriel;", "pointure;")

    status, said = import_file()

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
    """Commands print French, unless RETROUVE_LANGUAGE or LANG asks for English."""
    assert terminal_language(environment) is language


def test_a_full_disk_is_reported_and_nothing_is_imported(
    store: Store, roll_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk, a roll import says so and imports nothing."""

    def full(**_where: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    services = Services(sample_settings(), dependencies(store), NoNetworkLimits())
    monkeypatch.setenv("RETROUVE_DIR", str(roll_file.parent))
    opened: list[Path] = []
    monkeypatch.setattr("cli.roll.open_services_or_exit", lambda folder, _role: opened.append(folder) or services)
    monkeypatch.setattr("cli.roll.TemporaryFile", full)

    result = CliRunner().invoke(main, ["roll", "import", str(roll_file)])

    assert (result.exit_code, opened) == (1, [roll_file.parent])
    assert result.output == "L'import n'a pas pu se faire (No space left on device). Rien n'a été importé.\n"
    assert addresses(store) == set()


def test_an_import_signs_nothing_that_somebody_else_wrote(
    import_file: Import, sql_kept: KeptStore, roll_file: Path
) -> None:
    """An import that would correct a row altered in the database is refused."""
    assert import_file()[0] == 0
    write_row(sql_kept, voters, "id", 7, {"epoch": 9})
    person = PEOPLE[6]
    rewrite(roll_file, person.email, f"x.{person.email}")

    status, said = import_file(wanted=True)

    assert status == 1
    assert f"x.{person.email}" not in addresses(sql_kept.store)
    assert said.splitlines()[-1].startswith("Rien n'a été importé : la ligne de 1 électeur")


def test_an_import_that_exchanges_the_roll_asks_for_a_number(
    import_file: Import, store: Store, roll_file: Path
) -> None:
    """An import that removes or exchanges many voters is applied only with the number of removed voters."""
    import_file()
    others = [dataclasses.replace(each, email=f"x{each.email}") for each in fictional_people(1_100, seed=2)]
    for people, removed in (([*PEOPLE[1:], *others[:4]], 1), (PEOPLE[4:], 7), (others, 56), (PEOPLE, 1_100)):
        write_roll(people, roll_file)
        before = addresses(store)

        for number in (None, removed + 1):
            status, said = import_file(wanted=True, removing=number)
            assert (status, addresses(store)) == (1, before)
            typed = shlex.split(said.splitlines()[-1].partition("tapez : ")[2])
            assert typed[3:] == [str(roll_file), "--dir", str(roll_file.parent), "--apply", "--removing", str(removed)]
        assert import_file(wanted=True, removing=removed)[0] == 0

        assert addresses(store) == {person.email for person in people}


def test_a_typed_number_applies_the_import(import_file: Import, store: Store, roll_file: Path) -> None:
    """In a terminal, the number of removed voters can be typed. A wrong number imports nothing."""
    import_file()
    write_roll(PEOPLE[10:], roll_file)

    assert import_file(wanted=True, type_count=lambda: 9)[0] == 1
    assert len(addresses(store)) == 60
    assert import_file(wanted=True, type_count=lambda: 10)[0] == 0
    assert len(addresses(store)) == 50
