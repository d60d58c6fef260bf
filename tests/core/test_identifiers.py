"""The voting identifier: how it is made, and what its check symbol tells (rule 9)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import ALPHABET, check_symbol, clean_identifier, new_identifier, pseudonym, verifier
from tests.support.election import SeededEntropy

DRAWN = st.text(ALPHABET, min_size=12, max_size=12)


def test_the_alphabet_has_no_symbols_that_look_alike() -> None:
    """Thirty-one, a prime; no zero, O, one, I or L."""
    assert len(set(ALPHABET)) == 31
    assert not set("0O1IL") & set(ALPHABET)


def test_an_identifier_is_twelve_random_symbols_and_their_check_in_groups() -> None:
    """As it is written in the SMS."""
    identifier = new_identifier(SeededEntropy())

    assert [len(group) for group in identifier.split("-")] == [4, 4, 5]
    assert clean_identifier(identifier) == identifier.replace("-", "")
    assert len({new_identifier(SeededEntropy(seed)) for seed in range(100)}) == 100


@given(DRAWN)
def test_every_single_error_is_told(drawn: str) -> None:
    """Whichever symbol becomes whichever other."""
    whole = drawn + check_symbol(drawn)

    for place, symbol in enumerate(whole):
        for other in set(ALPHABET) - {symbol}:
            assert clean_identifier(whole[:place] + other + whole[place + 1 :]) is None


@given(DRAWN)
def test_every_swap_of_neighbours_is_told(drawn: str) -> None:
    """Unless they are the same symbol."""
    whole = drawn + check_symbol(drawn)

    for place, (one, next_one) in enumerate(pairwise(whole)):
        swapped = whole[:place] + next_one + one + whole[place + 2 :]
        assert (clean_identifier(swapped) is None) == (one != next_one)


@given(DRAWN)
def test_an_identifier_is_read_as_people_type_it(drawn: str) -> None:
    """Lower case, spaces, and dashes anywhere."""
    whole = drawn + check_symbol(drawn)

    assert clean_identifier(f" {whole[:3].lower()} {whole[3:7]}-{whole[7:]} ") == whole
    assert clean_identifier(whole[:-1]) is None
    assert clean_identifier(whole + "2") is None
    assert clean_identifier("0" + whole[1:]) is None


def test_what_the_platform_keeps_needs_the_key_and_the_salt() -> None:
    """A verifier under another key or another salt is another; so is a pseudonym."""
    kept = verifier(b"k" * 32, b"salt", "7F3K92QD5HXWM")

    assert kept == verifier(b"k" * 32, b"salt", "7F3K92QD5HXWM")
    assert (
        len({kept, verifier(b"l" * 32, b"salt", "7F3K92QD5HXWM"), verifier(b"k" * 32, b"tals", "7F3K92QD5HXWM")}) == 3
    )
    assert pseudonym(b"k", "a@b.example") != pseudonym(b"l", "a@b.example")
    assert "a@b" not in pseudonym(b"k", "a@b.example")
