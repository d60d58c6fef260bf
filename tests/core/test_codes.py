"""The security code (rule 5; CASES 26 to 28)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import errors
from core.codes import code_in, code_of, is_code, parse_code
from core.steps import Rejected
from tests.support.election import SeededEntropy, vault


@pytest.mark.parametrize(
    "typed",
    [
        "012345",
        " 012345 ",
        "012 345",
        "01 23 45",
        "012-345",
        "0-1-2-3-4-5",
        "０１２３４５",
        "012–345",
        "012.345",
        "012\u00a0345",
    ],
)
def test_case_26_a_code_is_read_as_people_type_it(typed: str) -> None:
    """Leading zeros stay; spaces, dashes and full-width digits are forgiven."""
    assert parse_code({"code": typed}) == "012345"


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("", errors.CodeMissing),
        ("  ", errors.CodeMissing),
        ("12345", errors.CodeUnreadable),
        ("1234567", errors.CodeUnreadable),
        ("12345a", errors.CodeUnreadable),
        ("١٢٣٤٥٦", errors.CodeUnreadable),
        ("123456\n123456", errors.CodeUnreadable),
        ("1" * 10_000, errors.CodeUnreadable),
    ],
)
def test_what_is_no_code_is_refused_and_is_no_try(typed: str, refused: type[Rejected]) -> None:
    """With its own sentence."""
    with pytest.raises(Rejected) as told:
        parse_code({"code": typed})

    assert type(told.value) is refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("012345", "012345"),
        ("Code 012 345 merci", "012345"),
        ("Mon code : 012-345.", "012345"),
        ("０１２３４５", "012345"),
        ("non", None),
        ("", None),
        ("01234567", None),
        ("\x00" * 500, None),
    ],
)
def test_a_code_is_found_in_an_answer_by_sms(text: str, code: str | None) -> None:
    """Whatever stands around it."""
    assert code_in(text) == code


@given(st.text(max_size=400))
def test_any_text_can_be_an_answer(text: str) -> None:
    """Six digits or nothing, and never an error."""
    found = code_in(text)

    assert found is None or (len(found) == 6 and found.isascii() and found.isdigit())


def test_case_27_each_case_and_each_ordinal_has_its_own_code() -> None:
    """From the master key: nothing of it is kept."""
    keys = vault(SeededEntropy())
    codes = [code_of(keys, case, ordinal) for case in ("7F3K-92QD", "7F3K-92QE") for ordinal in (1, 2)]

    assert len(set(codes)) == 4
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert is_code(keys, "7F3K-92QD", 1, codes[0])
    assert not is_code(keys, "7F3K-92QE", 1, codes[0])
    assert code_of(keys, "7F3K-92QD", 1) == codes[0]
    assert code_of(vault(SeededEntropy(2)), "7F3K-92QD", 1) != codes[0]
