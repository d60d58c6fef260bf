import binascii
import hashlib
import re
from typing import NamedTuple, TypeVar

import msgspec

from core.ports import RandomSource, Vault

T = TypeVar("T", bound=msgspec.Struct)

TO_URL, FROM_URL = bytes.maketrans(b"+/", b"-_"), str.maketrans("-_", "+/")
TOKEN_BYTES = 32
HANDLE_BYTES = 16
HANDLE = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
CASE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Symbols of case numbers, without 0, O, 1, I and L."""
CASE_SYMBOLS = 8


def new_token(entropy: RandomSource) -> str:
    return base64url_encode(entropy.random_bytes(TOKEN_BYTES))


def new_case_handle(entropy: RandomSource) -> str:
    return base64url_encode(entropy.random_bytes(HANDLE_BYTES))


def new_case_number(entropy: RandomSource) -> str:
    """Return a random case number such as "7F3K-92QD"."""
    symbols = entropy.random_symbols(CASE_ALPHABET, CASE_SYMBOLS)
    return f"{symbols[:4]}-{symbols[4:]}"


def parse_case_number(typed: str) -> str | None:
    symbols = re.sub(r"[\W_]", "", typed).upper()
    if len(symbols) != CASE_SYMBOLS or not set(symbols) <= set(CASE_ALPHABET):
        return None
    return f"{symbols[:4]}-{symbols[4:]}"


def digest(token: str) -> bytes:
    """Return the digest of a token. Only the digest is stored."""
    return hashlib.sha256(token.encode()).digest()


def is_well_formed(token: str) -> bool:
    """Return whether a text has the form of a link's token."""
    return TOKEN_PATTERN.fullmatch(token) is not None


def base64url_encode(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(TO_URL).rstrip(b"=").decode()


def base64url_decode(text: str) -> bytes | None:
    """Decode base64url. Returns None unless the text is canonical (RFC 4648, section 3.5)."""
    try:
        raw = binascii.a2b_base64(text.translate(FROM_URL) + "=" * (-len(text) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64url_encode(raw) == text else None


def seal(vault: Vault, purpose: str, content: msgspec.Struct, *, context: bytes = b"") -> str:
    """Encrypt `content` into a token that only this election's programs can read."""
    return base64url_encode(vault.seal(purpose, msgspec.json.encode(content), context=context))


def unseal(vault: Vault, purpose: str, token: str | None, kind: type[T], *, context: bytes = b"") -> T | None:
    sealed = None if token is None else base64url_decode(token)
    clear = None if sealed is None else vault.open(purpose, sealed, context=context)
    return None if clear is None else msgspec.json.decode(clear, type=kind)


SMS_ID = re.compile(r"([a-z]+)\.([0-9A-Z]{4}-[0-9A-Z]{4})\.(\d{1,18})", re.ASCII)


class SmsId(NamedTuple):
    kind: str
    case: str
    row: int


def parse_sms_id(message_id: str) -> SmsId | None:
    found = SMS_ID.fullmatch(message_id)
    return None if found is None else SmsId(found[1], found[2], int(found[3]))


def sms_id(kind: str, case: str, message_id: int) -> str:
    """Return the id of an SMS, such as "identifier.7F3K-92QD.123"."""
    return f"{kind}.{case}.{message_id}"
