"""The master key file, and the port Vault over it: one subkey a purpose, so that no use of the key weakens another.

Rotation: add a key at the end of the file. The newest seals, every one opens, and the first, which must stay for
ever, keys the digests: rows are found by them.
"""

import hmac
import os
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.ports import Entropy
from core.text import N_, Text

FILE = "master.key"
SECRET_BYTES = 32
NONCE_BYTES = 12
"""96 bits, random: safe for 2^32 messages a subkey (NIST SP 800-38D §8.3)."""
FORMAT = 1
HEADER_BYTES = 2
"""The format, then the key's id."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO

MISSING = N_("La clé maîtresse {path} n'existe pas ou ne peut pas être lue. Restaurez-la depuis sa copie de secours.")
READABLE_BY_OTHERS = N_("La clé maîtresse {path} est accessible à d'autres comptes. Faites : chmod 600 {path}")
DAMAGED = N_("Le fichier {path} n'est pas une clé maîtresse entière. Restaurez-le depuis sa copie de secours.")


class KeysRefused(Exception):
    """The key file cannot be used; `reason` says why and what to do."""

    def __init__(self, sentence: Text, path: Path) -> None:
        super().__init__(sentence.msgid)
        self.reason = sentence.fill({"path": str(path)})


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A master secret of 256 bits."""

    id: Annotated[int, msgspec.Meta(ge=1, le=255)]
    secret: Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]
    created: datetime

    def __repr__(self) -> str:
        return f"Key(id={self.id})"


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file. Ids grow from the first key, the anchor, to the newest."""

    keys: Annotated[list[Key], msgspec.Meta(min_length=1)]


def create(path: Path, *, entropy: Entropy, now: datetime) -> None:
    """Writes a new file with one key. Raises FileExistsError rather than replace one."""
    first = Key(id=1, secret=entropy.token(SECRET_BYTES), created=now)
    written = msgspec.json.format(msgspec.json.encode(KeyFile(keys=[first])), indent=2)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(written + b"\n")
        file.flush()
        os.fsync(file.fileno())  # what it will seal must never outlive it


def read(path: Path) -> tuple[Key, ...]:
    """The keys, oldest first. Raises KeysRefused."""
    try:
        keys = msgspec.json.decode(_contents(path), type=KeyFile).keys
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeysRefused(DAMAGED, path) from None
    ids = [key.id for key in keys]
    if ids != sorted(set(ids)):
        raise KeysRefused(DAMAGED, path)
    return tuple(keys)


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise KeysRefused(READABLE_BY_OTHERS, path)
            return file.read()
    except OSError:
        raise KeysRefused(MISSING, path) from None


class KeyVault:
    """The port Vault: AES-256-GCM and HMAC-SHA256 under subkeys of the master keys (HKDF-SHA256)."""

    def __init__(self, keys: Sequence[Key], entropy: Entropy) -> None:
        self._secrets = {key.id: key.secret for key in keys}
        self._anchor, self._newest = keys[0].id, keys[-1].id
        self._entropy = entropy
        self._ciphers: dict[tuple[int, str], AESGCM] = {}
        self._digest_keys: dict[str, bytes] = {}

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        header = bytes((FORMAT, self._newest))
        nonce = self._entropy.token(NONCE_BYTES)
        sealed = self._cipher(self._newest, purpose).encrypt(nonce, clear, _bound_to(header, purpose, context))
        return header + nonce + sealed

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        if len(header) < HEADER_BYTES or header[0] != FORMAT or header[1] not in self._secrets:
            return None
        nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return self._cipher(header[1], purpose).decrypt(nonce, body, _bound_to(header, purpose, context))
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            return None

    def digest(self, purpose: str, clear: bytes) -> bytes:
        key = self._digest_keys.get(purpose)
        if key is None:
            key = self._digest_keys[purpose] = self._subkey(self._anchor, f"digest {purpose}")
        return hmac.digest(key, clear, "sha256")

    def _cipher(self, key: int, purpose: str) -> AESGCM:
        cipher = self._ciphers.get((key, purpose))
        if cipher is None:
            cipher = self._ciphers[key, purpose] = AESGCM(self._subkey(key, f"seal {purpose}"))
        return cipher

    def _subkey(self, key: int, use: str) -> bytes:
        info = f"retrouve {use}".encode()
        return HKDF(SHA256(), SECRET_BYTES, salt=None, info=info).derive(self._secrets[key])


def _bound_to(header: bytes, purpose: str, context: bytes) -> bytes:
    return header + purpose.encode() + b"\0" + context
