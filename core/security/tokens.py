"""Random tokens as a browser carries them, and their digests, which are all that the store keeps."""

import binascii
import hashlib
import re
from typing import NamedTuple, TypeVar

import msgspec

from core.ports import RandomSource, Vault

T = TypeVar("T", bound=msgspec.Struct)

TO_URL, FROM_URL = bytes.maketrans(b"+/", b"-_"), str.maketrans("-_", "+/")
TOKEN_BYTES = 32
"""256 bits (rule 3)."""
HANDLE_BYTES = 16
HANDLE = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
CASE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 symbols that are not confused on the telephone: no 0 O 1 I L."""
CASE_SYMBOLS = 8


def new_token(entropy: RandomSource) -> str:
    """Return the token of a link or a session, for a URL or a cookie."""
    return base64url_encode(entropy.random_bytes(TOKEN_BYTES))


def new_case_handle(entropy: RandomSource) -> str:
    """Return the opaque id by which a browser holds its case."""
    return base64url_encode(entropy.random_bytes(HANDLE_BYTES))


def new_case_number(entropy: RandomSource) -> str:
    """Return a case number that can be said aloud: "7F3K-92QD"."""
    symbols = entropy.random_symbols(CASE_ALPHABET, CASE_SYMBOLS)
    return f"{symbols[:4]}-{symbols[4:]}"


def parse_case_number(typed: str) -> str | None:
    """Parse a case number typed in any case, with or without dashes, or return None."""
    symbols = re.sub(r"[\W_]", "", typed).upper()
    if len(symbols) != CASE_SYMBOLS or not set(symbols) <= set(CASE_ALPHABET):
        return None
    return f"{symbols[:4]}-{symbols[4:]}"


def digest(token: str) -> bytes:
    """Return the digest that the store keeps of a token; a plain hash, since 128 bits cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


def is_well_formed(token: str) -> bool:
    """Return whether the text has the form of a link's token, with nothing cut off or added by a mail program."""
    return TOKEN_PATTERN.fullmatch(token) is not None


def base64url_encode(raw: bytes) -> str:
    """Encode in base64url without padding (RFC 4648 §5)."""
    return binascii.b2a_base64(raw, newline=False).translate(TO_URL).rstrip(b"=").decode()


def base64url_decode(text: str) -> bytes | None:
    if "+" in text or "/" in text:
        return None
    try:
        return binascii.a2b_base64(text.translate(FROM_URL) + "=" * (-len(text) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return None


def seal(vault: Vault, purpose: str, content: msgspec.Struct, *, context: bytes = b"") -> str:
    """A token that holds `content`, which only this election can read or make."""
    return base64url_encode(vault.seal(purpose, msgspec.json.encode(content), context=context))


def unseal(vault: Vault, purpose: str, token: str | None, kind: type[T], *, context: bytes = b"") -> T | None:
    """The content of a sealed token, or None if it was not sealed so."""
    sealed = None if token is None else base64url_decode(token)
    clear = None if sealed is None else vault.open(purpose, sealed, context=context)
    return None if clear is None else msgspec.json.decode(clear, type=kind)


SMS_ID = re.compile(r"([a-z]+)\.([0-9A-Z]{4}-[0-9A-Z]{4})\.(\d{1,18})", re.ASCII)


class SmsId(NamedTuple):
    """The parts of an SMS's id: its kind, its case and its outbox row."""

    kind: str
    case: str
    row: int


def parse_sms_id(message_id: str) -> SmsId | None:
    """Return the parts of an SMS's id, or None if it is none."""
    found = SMS_ID.fullmatch(message_id)
    return None if found is None else SmsId(found[1], found[2], int(found[3]))


def sms_id(kind: str, case: str, message_id: int) -> str:
    """Return the id of an SMS, made of its kind, its case and its outbox row: "identifier.7F3K-92QD.123"."""
    return f"{kind}.{case}.{message_id}"
