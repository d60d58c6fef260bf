"""What a birth date and a NUMEN are read from, and what is said of each that cannot be."""

from datetime import date

import pytest

from core import errors
from core.answers import parse_birth_date, parse_numen
from core.steps import Rejected


def born(day: str, month: str, year: str) -> dict[str, str]:
    """The three inputs."""
    return {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}


@pytest.mark.parametrize("typed", [("7", "1", "1970"), ("07", "01", "1970"), (" 07 ", "０１", "1970")])
def test_a_birth_date_is_read_as_people_type_it(typed: tuple[str, str, str]) -> None:
    """With or without leading zeros, spaces, full-width digits."""
    assert parse_birth_date(born(*typed), "birth_date") == date(1970, 1, 7)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("", "1", "1970"), errors.BirthDateMissing),
        (("7", "janvier", "1970"), errors.BirthDateNotNumbers),
        (("7", "٧", "1970"), errors.BirthDateNotNumbers),
        (("7", "1", "70"), errors.BirthDateYear),
        (("31", "2", "1970"), errors.BirthDateImpossible),
        (("7" * 9000, "1", "1970"), errors.BirthDateImpossible),
    ],
)
def test_each_date_that_cannot_be_has_its_sentence(typed: tuple[str, str, str], said: type[Rejected]) -> None:
    """And never a stack trace."""
    with pytest.raises(said):
        parse_birth_date(born(*typed), "birth_date")


def test_inputs_left_out_are_missing() -> None:
    """As if nothing were typed."""
    with pytest.raises(errors.BirthDateMissing):
        parse_birth_date({}, "birth_date")
    with pytest.raises(errors.NumenMissing):
        parse_numen({}, "numen")


def test_a_numen_is_forgiven_spaces_and_case() -> None:
    """And refused when a sign is missing, or by the thousand."""
    assert parse_numen({"numen": "12a 1234567 bcd"}, "numen") == "12A1234567BCD"
    for wrong in ("12A123456BCD", "1" * 100_000):
        with pytest.raises(errors.NumenUnreadable):
            parse_numen({"numen": wrong}, "numen")
