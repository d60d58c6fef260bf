"""A voting identifier has a check symbol that detects typing errors."""

import hmac
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security.digests import PlatformPseudonyms, RollImportedUnderOtherKey
from core.security.voting_identifiers import (
    ALPHABET,
    clean_identifier,
    compute_check_symbol,
    new_identifier,
    verifier_of,
)
from tests.support.election import SeededRandomSource

DRAWN = st.text(ALPHABET, min_size=12, max_size=12)


def test_the_alphabet_has_no_symbols_that_look_alike() -> None:
    """The alphabet has 31 symbols, a prime number, without 0, O, 1, I and L."""
    assert len(set(ALPHABET)) == 31
    assert not set("0O1IL") & set(ALPHABET)


def test_an_identifier_is_twelve_random_symbols_and_their_check_in_groups() -> None:
    """An identifier has twelve random symbols and a check symbol, in three groups."""
    identifier = new_identifier(SeededRandomSource())

    assert [len(group) for group in identifier.split("-")] == [4, 4, 5]
    assert clean_identifier(identifier) == identifier.replace("-", "")
    assert len({new_identifier(SeededRandomSource(seed)) for seed in range(100)}) == 100


@given(DRAWN)
def test_every_single_error_and_swap_is_found(drawn: str) -> None:
    """Every wrong symbol and every exchange of two neighbouring symbols is detected."""
    whole = drawn + compute_check_symbol(drawn)

    for place, symbol in enumerate(whole):
        for other in set(ALPHABET) - {symbol}:
            assert clean_identifier(whole[:place] + other + whole[place + 1 :]) is None

    for place, (one, next_one) in enumerate(pairwise(whole)):
        swapped = whole[:place] + next_one + one + whole[place + 2 :]
        assert (clean_identifier(swapped) is None) == (one != next_one)


@given(DRAWN)
def test_an_identifier_is_read_as_people_type_it(drawn: str) -> None:
    """An identifier is accepted in lower case and with spaces or dashes, but only complete."""
    whole = drawn + compute_check_symbol(drawn)

    assert clean_identifier(f" {whole[:3].lower()} {whole[3:7]}-{whole[7:]} ") == whole
    assert clean_identifier(whole[:-1]) is None
    assert clean_identifier(whole + "2") is None
    assert clean_identifier("0" + whole[1:]) is None


def test_a_verifier_depends_on_key_and_salt() -> None:
    """The verifier of an identifier depends on the key and the salt."""
    kept = verifier_of(b"k" * 32, b"salt", "7F3K92QD5HXWM")

    assert kept == verifier_of(b"k" * 32, b"salt", "7F3K92QD5HXWM")
    assert (
        len({kept, verifier_of(b"l" * 32, b"salt", "7F3K92QD5HXWM"), verifier_of(b"k" * 32, b"tals", "7F3K92QD5HXWM")})
        == 3
    )


def test_a_pseudonym_is_the_documented_mac() -> None:
    """A voter's pseudonym is computed from the NUMEN as the interface describes."""
    ours, numen = PlatformPseudonyms(b"k" * 32), "01E0123456ABC"

    assert (
        ours.platform_pseudonym(ours.stored_pseudonym(numen))
        == hmac.digest(b"k" * 32, b"voter\0" + numen.encode(), "sha256").hex()
    )
    for other in (PlatformPseudonyms(b"l" * 32).stored_pseudonym(numen), b""):
        with pytest.raises(RollImportedUnderOtherKey):
            ours.platform_pseudonym(other)
