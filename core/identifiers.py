"""The voting identifier (rule 9): how one is made, read aloud, and proved without being kept."""

import hmac
from base64 import b64decode
from hashlib import sha256
from typing import Final

import msgspec

from core.ports import Entropy
from core.tokens import CASE_ALPHABET

ALPHABET: Final = CASE_ALPHABET
"""31 symbols, a prime number: that makes the check symbol tell every single error and every swap."""
RANDOM_SYMBOLS: Final = 12
"""59 bits: too many to guess on the voting platform, too few for an offline search, hence the key."""
GROUPS: Final = ((0, 4), (4, 8), (8, 13))
SALT_BYTES: Final = 16
VERIFIER_BYTES: Final = 32


def new_identifier(entropy: Entropy) -> str:
    """Twelve random symbols and the one that checks them, in groups: "7F3K-92QD-5HXWM"."""
    drawn = entropy.symbols(ALPHABET, RANDOM_SYMBOLS)
    return grouped(drawn + check_symbol(drawn))


def check_symbol(symbols: str) -> str:
    """The symbol that brings the weighted sum to zero: weights differ, so a wrong or swapped symbol never does."""
    total = sum(weight * ALPHABET.index(symbol) for weight, symbol in enumerate(symbols, start=1))
    last = len(symbols) + 1
    return ALPHABET[-total * pow(last, -1, len(ALPHABET)) % len(ALPHABET)]


def grouped(symbols: str) -> str:
    """As it is written and read aloud."""
    return "-".join(symbols[begin:end] for begin, end in GROUPS)


def clean_identifier(typed: str) -> str | None:
    """The symbols of an identifier as people type it, or None if it cannot be one."""
    symbols = "".join(typed.split()).replace("-", "").upper()
    if len(symbols) != RANDOM_SYMBOLS + 1 or not set(symbols) <= set(ALPHABET):
        return None
    return symbols if check_symbol(symbols[:-1]) == symbols[-1] else None


def verifier(key: bytes, salt: bytes, symbols: str) -> bytes:
    """What the platform keeps of an identifier: HMAC-SHA-256 under the key we share, over its salt and its symbols."""
    return hmac.digest(key, salt + symbols.encode(), sha256)


class FirstVerifier(msgspec.Struct, frozen=True):
    """What the roll may bring of a voter's first identifier, the one of generation 0: a salt and its verifier."""

    salt: bytes
    verifier: bytes


def read_first_verifier(written: str) -> FirstVerifier | None:
    """As a cell of the roll writes it: "salt:verifier", both in base64 (RFC 4648 §4); None if it is not that."""
    salt, _, made = written.partition(":")
    try:
        first = FirstVerifier(b64decode(salt, validate=True), b64decode(made, validate=True))
    except ValueError:
        return None
    return first if first.salt and len(first.verifier) == VERIFIER_BYTES else None
