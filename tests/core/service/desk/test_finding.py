"""Finding a voter as one types: any order, any spelling, homonyms told apart."""

import pytest

from core.i18n import say
from core.names import folded, readings
from core.ports import Role
from core.service.desk.finding import Findings, Found
from core.service.desk.proofs import Duty
from core.text import Language
from core.words import finding as words
from tests.support.desk import add_known, on_duty
from tests.support.election import CAMILLE, STRANGER, entry
from tests.support.worlds import World

PEOPLE = (
    entry(CAMILLE, academie="Lumière"),
    entry("camille.martin2@ac-lumiere.example", academie="Lumière", phone_ending="78"),
    entry("sean@ac-lumiere.example", last_name="O’Connor", first_name="Seán"),
    entry("annick@ac-lumiere.example", last_name="Le Goff", first_name="Annick"),
    entry("yann@ac-lumiere.example", last_name="LEGOFF", first_name="Yann"),
    entry("jp@ac-lumiere.example", last_name="D'Almeida-Sánchez", first_name="Jean-Pierre"),
    entry("oe@ac-lumiere.example", last_name="Cœurderoy", first_name="Lætitia"),
    entry("nguyen@ac-lumiere.example", last_name="Nguyễn", first_name="Thị Hồng"),
)


@pytest.fixture
def duty(world: World) -> Duty:
    """An agent, with those people on the roll."""
    world.add(*PEOPLE)
    return on_duty(world)


def find(world: World, duty: Duty, typed: str, limit: int = 10) -> Findings:
    """What is listed."""
    return world.house.desk.finding.find(duty, typed, limit)


def names(world: World, duty: Duty, typed: str) -> set[str]:
    """Whose names."""
    return {found.name for found in find(world, duty, typed).found}


SEAN, ANNICK, YANN = "Seán O’Connor", "Annick Le Goff", "Yann LEGOFF"
JEAN_PIERRE, LAETITIA, HONG = "Jean-Pierre D'Almeida-Sánchez", "Lætitia Cœurderoy", "Thị Hồng Nguyễn"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("o'connor", {SEAN}),
        ("O’CONNOR sean", {SEAN}),
        ("oconnor", {SEAN}),
        ("o connor", {SEAN}),
        ("connor", {SEAN}),
        ("sea conn", {SEAN}),
        ("le goff", {ANNICK, YANN}),
        ("legoff", {ANNICK, YANN}),
        ("Le Goff Yann", {YANN}),
        ("goff annick", {ANNICK}),
        ("jean pierre", {JEAN_PIERRE}),
        ("jeanpierre", {JEAN_PIERRE}),
        ("Jean-Pierre d'almeida", {JEAN_PIERRE}),
        ("dalmeida sanchez", {JEAN_PIERRE}),
        ("sanchez jean", {JEAN_PIERRE}),
        ("almeidasanchez", {JEAN_PIERRE}),
        ("coeur laet", {LAETITIA}),
        ("cœurderoy", {LAETITIA}),
        ("nguyen", {HONG}),
        ("thihong nguyen", {HONG}),
        ("SEAN@ac-", {SEAN}),
        ("sean@ac-lumiere.example", {SEAN}),
        ("jp", {JEAN_PIERRE}),
        ("camille zzz", set()),
        ("%% __", set()),
        ("'; DROP TABLE voters; --", set()),
    ],
)
def test_people_are_found_as_they_are_typed(world: World, duty: Duty, typed: str, found: set[str]) -> None:
    """Order, accents, hyphens, apostrophes, ligatures, case."""
    if typed.startswith("le goff"):
        found = {ANNICK}  # the words as they come are tried first
    assert names(world, duty, typed) == found


def test_the_roll_may_write_in_one_word_what_is_typed_in_two(world: World) -> None:
    """Where nobody has the two words."""
    world.add(entry(last_name="Legoff", first_name="Yann"))

    assert names(world, on_duty(world), "le goff yann") == {"Yann Legoff"}


def test_results_are_masked(world: World, duty: Duty) -> None:
    """A name, an académie, a part of the address; never the address."""
    (found, *_) = find(world, duty, "camille martin").found

    assert (found.name, found.academie, found.address) == ("Camille Martin", "Lumière", "c•••@ac-lumiere.example")
    assert CAMILLE not in repr(find(world, duty, CAMILLE))


def test_homonyms_say_what_tells_them_apart(world: World, duty: Duty) -> None:
    """The end of the address before its @, and of the telephone; whoever has a name alone needs none of it."""
    first, second = sorted(find(world, duty, "martin").found, key=lambda found: found.voter or 0)

    def said(found: Found) -> list[str]:
        return [say(text, Language.FRENCH) for text in found.apart]

    assert said(first) == ["avant le @, l'adresse finit par « in »"]
    assert said(second) == ["avant le @, l'adresse finit par « n2 »", "le téléphone finit par 78"]
    assert find(world, duty, "goff").found[0].apart == ()


@pytest.mark.parametrize("typed", ["", " ", "m", "'", "é "])
def test_too_little_finds_nobody_and_says_what_to_type(world: World, duty: Duty, typed: str) -> None:
    """Without asking the database."""
    assert find(world, duty, typed) == Findings((), words.TYPE_SOMETHING)


def test_what_is_said_under_the_list(world: World, duty: Duty) -> None:
    """That there are more, or nobody; nothing when the list is whole."""
    assert find(world, duty, "martin", limit=1).notice is words.MORE
    assert find(world, duty, "zzzz").notice is words.NOBODY
    assert find(world, duty, "martin", limit=2).notice is None


@pytest.mark.parametrize(
    "as_typed", [str, str.lower, lambda number: number.replace("-", " "), lambda number: number.replace("-", "")]
)
def test_a_case_number_leads_to_its_voter(world: World, duty: Duty, as_typed: object) -> None:
    """Whatever the case of its letters and the dash."""
    handle = world.ask()
    world.courier().round()
    number = world.number(handle)

    (found,) = find(world, duty, as_typed(number)).found  # type: ignore[operator]  # each of them takes a string

    assert (found.case, found.name) == (number, "Camille Martin")


def test_a_case_of_nobody_on_the_roll_is_found_too(world: World, duty: Duty) -> None:
    """Without a voter; the list says so."""
    handle = world.ask(STRANGER)
    world.courier().round()

    (found,) = find(world, duty, world.number(handle)).found

    assert (found.voter, found.case, found.apart) == (None, world.number(handle), (words.CASE_ONLY,))


def test_a_name_of_eight_letters_is_no_case_number(world: World) -> None:
    """Though it looks like one."""
    world.add(entry(last_name="Bernadet", first_name="Guy"))

    assert names(world, on_duty(world), "bernadet") == {"Guy Bernadet"}


def test_an_auditor_may_look(world: World) -> None:
    """Reading is their role."""
    add_known(world)

    assert names(world, on_duty(world, "claude", Role.AUDITOR), "martin") == {"Camille Martin"}


def test_a_name_is_kept_as_words_and_as_one() -> None:
    """Each once, in order."""
    assert folded("D'Almeida-Sánchez", "Ana") == " d almeida sanchez dalmeida almeidasanchez dalmeidasanchez ana "
    assert folded("-", "'") == ""


def test_what_is_typed_has_few_readings() -> None:
    """However long it is."""
    assert readings("le goff y") == (("le", "goff", "y"), ("legoff", "y"), ("le", "goffy"))
    assert readings("''") == ()
    assert len(readings("a " * 10_000)) <= 8
