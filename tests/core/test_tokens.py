"""Unguessable things, and what is kept of them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tokens import (
    CASE_ALPHABET,
    base64url,
    digest,
    from_base64url,
    new_case_number,
    new_handle,
    new_token,
    well_formed,
)
from tests.support.election import SeededEntropy

TOKEN = new_token(SeededEntropy())


def test_a_token_has_256_bits_and_a_handle_128() -> None:
    """Of the entropy it is given."""
    assert len(from_base64url(new_token(SeededEntropy())) or b"") == 32
    assert len(from_base64url(new_handle(SeededEntropy())) or b"") == 16
    assert new_token(SeededEntropy(1)) != new_token(SeededEntropy(2))


def test_what_is_kept_is_a_digest() -> None:
    """SHA-256 of the token as it stands in the link."""
    assert digest(TOKEN) == hashlib.sha256(TOKEN.encode()).digest()


def test_a_token_is_well_formed() -> None:
    """So that a link that works is never called damaged."""
    assert well_formed(TOKEN)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        TOKEN[:-1],
        TOKEN[1:],
        f"{TOKEN}.",
        f"{TOKEN}>",
        f"{TOKEN}\n",
        f"{TOKEN[:20]}=\n{TOKEN[20:]}",
        f"{TOKEN[:-1]}=",
        f"{TOKEN[:-1]}é",
        f"{TOKEN[:-1]}٣",
        f" {TOKEN[:-1]}",
    ],
)
def test_case_15_a_damaged_token_is_not_well_formed(damaged: str) -> None:
    """Cut off, wrapped, or with what a mail program adds."""
    assert not well_formed(damaged)


def test_a_case_number_can_be_said_aloud() -> None:
    """Two groups of four symbols, none of which is taken for another."""
    numbers = [new_case_number(SeededEntropy(seed)) for seed in range(200)]

    assert all(len(number) == 9 and number[4] == "-" for number in numbers)
    assert set("".join(numbers)) <= {*CASE_ALPHABET, "-"}
    assert not set(CASE_ALPHABET) & set("01OIL")
    assert len(set(numbers)) == len(numbers)


@given(st.binary(max_size=80))
def test_base64url_comes_back(raw: bytes) -> None:
    """Without padding, in characters that need no escape in an address."""
    text = base64url(raw)

    assert from_base64url(text) == raw
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=60))
def test_what_is_not_base64url_is_told_without_an_exception(text: str) -> None:
    """Whatever a browser sends."""
    assert from_base64url(text) is None or isinstance(from_base64url(text), bytes)


@pytest.mark.parametrize("text", ["é", "a b=", "A", "AAAA\n"])
def test_other_alphabets_are_none(text: str) -> None:
    """Nor a length that base64 cannot have."""
    assert from_base64url(text) is None
