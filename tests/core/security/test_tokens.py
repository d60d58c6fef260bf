"""Tokens cannot be guessed, and only their digests are stored."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from core.security.tokens import (
    CASE_ALPHABET,
    base64url_decode,
    base64url_encode,
    digest,
    is_well_formed,
    new_case_handle,
    new_case_number,
    new_token,
)
from tests.support.election import SeededRandomSource

TOKEN = new_token(SeededRandomSource())


def test_a_token_has_256_bits_and_a_handle_128() -> None:
    """A token has 256 random bits, and a case handle 128."""
    assert len(base64url_decode(new_token(SeededRandomSource())) or b"") == 32
    assert len(base64url_decode(new_case_handle(SeededRandomSource())) or b"") == 16
    assert new_token(SeededRandomSource(1)) != new_token(SeededRandomSource(2))


def test_what_is_stored_is_the_digest_of_a_token() -> None:
    """The stored digest is the SHA-256 of the token in the link."""
    assert digest(TOKEN) == hashlib.sha256(TOKEN.encode()).digest()


def test_a_damaged_token_is_not_well_formed() -> None:
    """A token that a mail program has cut, wrapped or extended is not well-formed."""
    for damaged in (
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
    ):
        assert not is_well_formed(damaged), ascii(damaged)


def test_a_case_number_can_be_said_aloud() -> None:
    """A case number has two groups of four symbols, and no two symbols look alike."""
    numbers = [new_case_number(SeededRandomSource(seed)) for seed in range(200)]

    assert all(len(number) == 9 and number[4] == "-" for number in numbers)
    assert set("".join(numbers)) <= {*CASE_ALPHABET, "-"}
    assert not set(CASE_ALPHABET) & set("01OIL")
    assert len(set(numbers)) == len(numbers)


@given(st.binary(max_size=80))
def test_base64url_round_trip(raw: bytes) -> None:
    """Any bytes can be encoded in base64url and decoded again, without padding."""
    text = base64url_encode(raw)

    assert base64url_decode(text) == raw
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=60))
def test_text_that_is_not_base64url_raises_nothing(text: str) -> None:
    """Decoding any text as base64url gives bytes or None."""
    assert base64url_decode(text) is None or isinstance(base64url_decode(text), bytes)


def test_other_alphabets_give_none() -> None:
    """Decoding text with other characters or an impossible length gives None."""
    for text in ("é", "a b=", "A", "AAAA\n"):
        assert base64url_decode(text) is None, ascii(text)


def test_only_one_text_decodes_to_the_same_bytes() -> None:
    """The last character of a sealed cookie has unused bits. A cookie in which they are changed is refused."""
    text = base64url_encode(bytes(16))

    assert [last for last in "ABCD" if base64url_decode(text[:-1] + last) is not None] == ["A"]
