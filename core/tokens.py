"""Unguessable things as a browser carries them, and as the store keeps them: by their digest only."""

import base64
import binascii
import hashlib
import re

from core.ports import Entropy

TOKEN_BYTES = 32
"""256 bits (rule 3)."""
HANDLE_BYTES = 16
TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
CASE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 symbols that cannot be taken for one another on the telephone: no 0 O 1 I L."""
CASE_SYMBOLS = 8


def new_token(entropy: Entropy) -> str:
    """A link's or a session's token, for an address or a cookie."""
    return base64url(entropy.token(TOKEN_BYTES))


def new_handle(entropy: Entropy) -> str:
    """A browser's opaque id of its case."""
    return base64url(entropy.token(HANDLE_BYTES))


def new_case_number(entropy: Entropy) -> str:
    """A case number to be said aloud: "7F3K-92QD"."""
    symbols = entropy.symbols(CASE_ALPHABET, CASE_SYMBOLS)
    return f"{symbols[:4]}-{symbols[4:]}"


def read_case_number(typed: str) -> str | None:
    """The case number that was told or typed, whatever its case and dashes; None if it cannot be one."""
    symbols = re.sub(r"[\W_]", "", typed).upper()
    if len(symbols) != CASE_SYMBOLS or not set(symbols) <= set(CASE_ALPHABET):
        return None
    return f"{symbols[:4]}-{symbols[4:]}"


def digest(token: str) -> bytes:
    """What the store keeps of a token. A plain hash: 128 bits and more cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


def well_formed(token: str) -> bool:
    """Whether it can be a link's token: nothing cut off, nothing added by a mail program."""
    return TOKEN_PATTERN.fullmatch(token) is not None


def base64url(raw: bytes) -> str:
    """RFC 4648 §5, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """The bytes, or None if it is not that alphabet."""
    if "+" in text or "/" in text:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


SMS_ID = re.compile(r"([a-z]+)\.([0-9A-Z]{4}-[0-9A-Z]{4})\.(\d{1,18})", re.ASCII)


def read_sms_id(message_id: str) -> tuple[str, str] | None:
    """The kind and the case in such an id, or None if it is none."""
    found = SMS_ID.fullmatch(message_id)
    return None if found is None else (found[1], found[2])


def sms_id(kind: str, case: str, parcel: int) -> str:
    """The id of an SMS: what it is, of which case, and its row in the outbox: "identifier.7F3K-92QD.123"."""
    return f"{kind}.{case}.{parcel}"
