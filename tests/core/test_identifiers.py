"""The voting identifier: how it is made, and what its check symbol tells (rule 9)."""

import hmac
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identifiers import ALPHABET, check_symbol, clean_identifier, new_identifier, verifier
from core.macs import Mac
from core.pseudonyms import OtherKey, Pseudonyms
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
    """A verifier under another key or another salt is another."""
    kept = verifier(b"k" * 32, b"salt", "7F3K92QD5HXWM")

    assert kept == verifier(b"k" * 32, b"salt", "7F3K92QD5HXWM")
    assert (
        len({kept, verifier(b"l" * 32, b"salt", "7F3K92QD5HXWM"), verifier(b"k" * 32, b"tals", "7F3K92QD5HXWM")}) == 3
    )


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_the_short_way_to_a_mac_is_the_standard_one(key: bytes, clear: bytes) -> None:
    """RFC 2104, keys longer than a block included."""
    assert Mac(key).digest(clear) == hmac.digest(key, clear, "sha256")


def test_a_pseudonym_made_with_another_key_is_never_told() -> None:
    """It is what the interface says: HMAC-SHA-256 of "voter", a zero byte and the NUMEN."""
    ours, numen = Pseudonyms(b"k" * 32), "01E0123456ABC"

    assert ours.told(ours.kept(numen)) == hmac.digest(b"k" * 32, b"voter\0" + numen.encode(), "sha256").hex()
    for other in (Pseudonyms(b"l" * 32).kept(numen), b""):
        with pytest.raises(OtherKey):
            ours.told(other)
