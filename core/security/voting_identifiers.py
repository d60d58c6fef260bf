"""Makes voting identifiers, and checks them without storing them."""

import hmac
from base64 import b64decode
from hashlib import sha256
from typing import Final

import msgspec

from core.ports import RandomSource, Vault
from core.security import key_purposes
from core.security.tokens import CASE_ALPHABET

ALPHABET: Final = CASE_ALPHABET
"""Symbols of voting identifiers. The check symbol requires a prime number of symbols."""
RANDOM_SYMBOLS: Final = 12
"""Number of random symbols in an identifier, enough to prevent online guessing (59 bits)."""
GROUPS: Final = ((0, 4), (4, 8), (8, 13))
SALT_BYTES: Final = 16
VERIFIER_BYTES: Final = 32
DIGEST_SYMBOLS: Final = 32


def new_identifier(entropy: RandomSource) -> str:
    """Return a new voting identifier with a check symbol, such as "7F3K-92QD-5HXWM"."""
    drawn = entropy.random_symbols(ALPHABET, RANDOM_SYMBOLS)
    symbols = drawn + compute_check_symbol(drawn)
    return "-".join(symbols[begin:end] for begin, end in GROUPS)


def compute_check_symbol(symbols: str) -> str:
    """Return the check symbol that makes the weighted sum of all symbols zero."""
    total = sum(weight * ALPHABET.index(symbol) for weight, symbol in enumerate(symbols, start=1))
    last = len(symbols) + 1
    return ALPHABET[-total * pow(last, -1, len(ALPHABET)) % len(ALPHABET)]


def clean_identifier(typed: str) -> str | None:
    symbols = "".join(typed.split()).replace("-", "").upper()
    if len(symbols) != RANDOM_SYMBOLS + 1 or not set(symbols) <= set(ALPHABET):
        return None
    return symbols if compute_check_symbol(symbols[:-1]) == symbols[-1] else None


def verifier_of(key: bytes, salt: bytes, symbols: str) -> bytes:
    return hmac.digest(key, salt + symbols.encode(), sha256)


def account_digest(vault: Vault, voter: str, generation: int, salt: bytes, verifier: bytes) -> str:
    """Return a keyed digest of a voter's account on the voting platform."""
    account = f"{voter} {generation} {salt.hex()} {verifier.hex()}".encode()
    return vault.digest(key_purposes.IDENTIFIER_DIGEST, account).hex()[:DIGEST_SYMBOLS]


class InitialVerifier(msgspec.Struct, frozen=True):
    salt: bytes
    verifier: bytes


def parse_initial_verifier(written: str) -> InitialVerifier | None:
    """Parse "salt:verifier" in base64 (RFC 4648 §4). Returns None for malformed text."""
    salt, _, made = written.partition(":")
    try:
        first = InitialVerifier(b64decode(salt, validate=True), b64decode(made, validate=True))
    except ValueError:
        return None
    return first if first.salt and len(first.verifier) == VERIFIER_BYTES else None
