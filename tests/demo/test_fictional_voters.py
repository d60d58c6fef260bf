from datetime import date
from pathlib import Path

import pytest

from core.forms.field_parsers import NUMEN_PATTERN, parse_address, parse_calendar_date
from core.roll.cell_parsers import PHONE_PATTERN, PHONE_SIGNS
from core.text.text import Language
from demo.fictional_voters import FictionalPerson, fictional_people, write_roll

COUNT = 1_500


@pytest.fixture(scope="module")
def people() -> list[FictionalPerson]:
    """Return enough people for every académie and many people with the same name."""
    return list(fictional_people(COUNT, seed=7))


def test_the_first_two_are_always_the_same_persons(people: list[FictionalPerson]) -> None:
    """The first two people are always the same, because the demo and the guides name them."""
    assert [(p.email, p.first_name, p.last_name, p.language) for p in people[:2]] == [
        ("camille.martin@ac-lumiere.example", "Camille", "Martin", Language.FRENCH),
        ("oliver.obrien@ac-lumiere.example", "Oliver", "O'Brien", Language.ENGLISH),
    ]


def test_a_seed_gives_the_same_people_for_every_length(people: list[FictionalPerson]) -> None:
    """With the same seed, a shorter list is the beginning of a longer one. Another seed gives other people."""
    assert list(fictional_people(50, seed=7)) == people[:50]
    assert list(fictional_people(50, seed=8)) != people[:50]


def test_personal_data_is_unique(people: list[FictionalPerson]) -> None:
    """Mail addresses, NUMENs and phone numbers are unique, and the parsers of the forms accept them."""
    assert len({p.email for p in people}) == COUNT
    assert len({p.numen for p in people}) == COUNT
    assert len({PHONE_SIGNS.sub("", p.phone) for p in people}) == COUNT

    for person in people:
        assert parse_address(person.email, example="").key == person.email
        assert person.email.endswith(".example")
        assert NUMEN_PATTERN.fullmatch(person.numen)
        assert PHONE_PATTERN.fullmatch(PHONE_SIGNS.sub("", person.phone))


def test_awkward_names_come_early(people: list[FictionalPerson]) -> None:
    """The first forty people include people with the same name, unusual names, and people overseas."""
    early = people[:40]
    written = {f"{p.first_name} {p.last_name}" for p in early}

    assert sum((p.first_name, p.last_name) == ("Dominique", "Petit") for p in early) == 4
    assert {"Agrippine d'Aubigné", "Gwenaëlle L'Hostis", "Anne O", "Jean-François de La Tour"} <= written
    assert {"La Réunion", "Guadeloupe", "Mayotte", "Nouvelle-Calédonie"} <= {p.academie for p in early}
    assert all(sign in "".join(written) for sign in "œÿŁ'’-")


def test_the_roll_file_has_a_line_for_each_person(people: list[FictionalPerson], tmp_path: Path) -> None:
    """A written roll has a line of headings, and a line with French dates for each person."""
    path = tmp_path / "roll.csv"

    write_roll(people, path)

    headings, first, *others = path.read_text(encoding="utf-8").splitlines()
    assert headings == "courriel;nom;prénom;date de naissance;NUMEN;téléphone;académie;langue"
    assert parse_calendar_date(first.split(";")[3]) == people[0].birth_date
    assert len(others) == COUNT - 1
    assert people[0].birth_date < date(2001, 1, 1)
