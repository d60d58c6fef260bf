"""A security code has six digits, differs for each request, and is read as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forms import errors
from core.forms.flow_model import FieldRejected
from core.security.security_codes import check_code, first_code_in, parse_code, security_code
from tests.support.election import CAMILLE, STRANGER, SeededRandomSource, vault


def test_a_code_is_read_as_people_type_it() -> None:
    """A code is accepted with spaces, dashes or full-width digits, and keeps its leading zeros."""
    for typed in (
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
    ):
        assert parse_code({"code": typed}) == "012345", ascii(typed)


def test_text_that_is_no_code_is_refused_and_not_counted() -> None:
    """Text that is not a code is refused as missing or unreadable."""
    for typed, refused in (
        ("", errors.CodeMissing),
        ("  ", errors.CodeMissing),
        ("12345", errors.CodeUnreadable),
        ("1234567", errors.CodeUnreadable),
        ("12345a", errors.CodeUnreadable),
        ("١٢٣٤٥٦", errors.CodeUnreadable),
        ("123456\n123456", errors.CodeUnreadable),
        ("1" * 10_000, errors.CodeUnreadable),
    ):
        with pytest.raises(FieldRejected) as told:
            parse_code({"code": typed})

        assert type(told.value) is refused, ascii(typed[:40])


def test_a_code_is_found_in_an_answer_by_sms() -> None:
    """A code is found in an SMS that contains other text."""
    for text, code in (
        ("012345", "012345"),
        ("Code 012 345 merci", "012345"),
        ("Mon code : 012-345.", "012345"),
        ("０１２３４５", "012345"),
        ("non", None),
        ("", None),
        ("01234567", None),
        ("\x00" * 500, None),
    ):
        assert first_code_in(text) == code, ascii(text[:40])


@given(st.text(max_size=400))
def test_any_sms_gives_a_code_or_none(text: str) -> None:
    """The search for a code in any SMS gives six digits or None."""
    found = first_code_in(text)

    assert found is None or (len(found) == 6 and found.isascii() and found.isdigit())


def test_each_case_voter_and_ordinal_has_its_own_code() -> None:
    """The code is computed from the master key and differs for each case, voter and ordinal."""
    keys = vault(SeededRandomSource())
    cases = [("7F3K-92QD", CAMILLE), ("7F3K-92QE", CAMILLE), ("7F3K-92QD", STRANGER)]
    codes = [security_code(keys, *case, ordinal) for case in cases for ordinal in (1, 2)]

    assert len(set(codes)) == 6
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert check_code(keys, *cases[0], 1, codes[0])
    assert not check_code(keys, *cases[2], 1, codes[0])
    assert security_code(keys, *cases[0], 1) == codes[0]
    assert security_code(vault(SeededRandomSource(2)), *cases[0], 1) != codes[0]
