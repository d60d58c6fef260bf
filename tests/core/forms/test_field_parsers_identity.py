"""Tests that birth dates and NUMENs are parsed as people type them, and that each error has its own sentence."""

from datetime import date

import pytest

from core.forms import errors
from core.forms.field_parsers import parse_birth_date, parse_numen


def born(day: str, month: str, year: str) -> dict[str, str]:
    """Return a form with the three inputs of a birth date."""
    return {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}


def test_a_birth_date_is_read_as_people_type_it() -> None:
    """Leading zeros may be missing. Spaces and full-width digits are accepted."""
    for typed in (("7", "1", "1970"), ("07", "01", "1970"), (" 07 ", "０１", "1970")):
        assert parse_birth_date(born(*typed), "birth_date") == date(1970, 1, 7)


def test_each_impossible_date_has_its_sentence() -> None:
    """An impossible date raises no other error. A missing input counts as empty."""
    for typed, said in (
        (("", "1", "1970"), errors.BirthDateMissing),
        (("7", "janvier", "1970"), errors.BirthDateNotNumbers),
        (("7", "٧", "1970"), errors.BirthDateNotNumbers),
        (("7", "1", "70"), errors.BirthYearTooShort),
        (("31", "2", "1970"), errors.BirthDateImpossible),
        (("7" * 9000, "1", "1970"), errors.BirthDateImpossible),
    ):
        with pytest.raises(said):
            parse_birth_date(born(*typed), "birth_date")

    with pytest.raises(errors.BirthDateMissing):
        parse_birth_date({}, "birth_date")
    with pytest.raises(errors.NumenMissing):
        parse_numen({}, "numen")


def test_a_numen_is_read_with_spaces_and_in_any_case() -> None:
    """A NUMEN with a missing character, or with a thousand characters, is refused."""
    assert parse_numen({"numen": "12a 1234567 bcd"}, "numen") == "12A1234567BCD"
    for wrong in ("12A123456BCD", "1" * 100_000):
        with pytest.raises(errors.NumenUnreadable):
            parse_numen({"numen": wrong}, "numen")
