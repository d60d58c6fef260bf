from datetime import date
from pathlib import Path

import pytest

from cli.fiction import Person, fictional_people, write_roll
from core.answers import NUMEN_PATTERN, calendar_date, parse_address
from core.roll.cells import PHONE_PATTERN, PHONE_SIGNS
from core.text import Language

COUNT = 3_000


@pytest.fixture(scope="module")
def people() -> list[Person]:
    """Enough people for every académie and for many homonyms."""
    return list(fictional_people(COUNT, seed=7))


def test_the_first_two_are_always_the_same_persons(people: list[Person]) -> None:
    """The demo and the guides know them by name."""
    assert [(p.email, p.first_name, p.last_name, p.language) for p in people[:2]] == [
        ("camille.martin@ac-lumiere.example", "Camille", "Martin", Language.FRENCH),
        ("oliver.obrien@ac-lumiere.example", "Oliver", "O'Brien", Language.ENGLISH),
    ]


def test_a_seed_makes_the_same_people(people: list[Person]) -> None:
    """A shorter list is the beginning of a longer one; another seed makes others."""
    assert list(fictional_people(50, seed=7)) == people[:50]
    assert list(fictional_people(50, seed=8)) != people[:50]


def test_nobody_shares_what_must_be_ones_own(people: list[Person]) -> None:
    """Addresses, NUMENs and telephones are unique."""
    assert len({p.email for p in people}) == COUNT
    assert len({p.numen for p in people}) == COUNT
    assert len({PHONE_SIGNS.sub("", p.phone) for p in people}) == COUNT


def test_everything_can_be_typed_back(people: list[Person]) -> None:
    """Every address, NUMEN and telephone passes the parsers of the forms."""
    for person in people:
        assert parse_address(person.email, example="").key == person.email
        assert person.email.endswith(".example")
        assert NUMEN_PATTERN.fullmatch(person.numen)
        assert PHONE_PATTERN.fullmatch(PHONE_SIGNS.sub("", person.phone))


def test_awkward_names_come_early(people: list[Person]) -> None:
    """Homonyms, apostrophes, ligatures, one letter, overseas: among the first forty."""
    early = people[:40]
    written = {f"{p.first_name} {p.last_name}" for p in early}

    assert sum((p.first_name, p.last_name) == ("Dominique", "Petit") for p in early) == 4
    assert {"Agrippine d'Aubigné", "Gwenaëlle L'Hostis", "Anne O", "Jean-François de La Tour"} <= written
    assert {"La Réunion", "Guadeloupe", "Mayotte", "Nouvelle-Calédonie"} <= {p.academie for p in early}
    assert all(sign in "".join(written) for sign in "œÿŁ'’-")


def test_the_file_holds_the_people(people: list[Person], tmp_path: Path) -> None:
    """A written roll has a line of headings and a line a person, with French dates."""
    path = tmp_path / "roll.csv"

    write_roll(people, path)

    headings, first, *others = path.read_text(encoding="utf-8").splitlines()
    assert headings == "courriel;nom;prénom;date de naissance;NUMEN;téléphone;académie;langue"
    assert calendar_date(first.split(";")[3]) == people[0].birth_date
    assert len(others) == COUNT - 1
    assert people[0].birth_date < date(2001, 1, 1)
