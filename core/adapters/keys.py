"""The master key file, and the port Vault over it: one subkey a purpose, so that no use of the key weakens another.

Rotation adds a key at the end of the file. The newest seals, every one opens until it is retired, and the first, the
anchor, keys the digests and signatures for ever, retired or not: rows are found by the ones, and outsiders hold the
public key of the others. Changes: `core.adapters.key_changes`.
"""

import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Annotated, Protocol

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.macs import Mac
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

log = structlog.get_logger()


class KeysRefused(Exception):
    """The key file cannot be used; `reason` says why and what to do."""

    def __init__(self, sentence: Text, path: Path) -> None:
        super().__init__(sentence.msgid)
        self.reason = sentence.fill({"path": str(path)})


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A master secret of 256 bits.

    It seals from `seals_from` on, or at once. Retired, it neither seals nor opens: only an anchor stays so, for digests.
    """

    id: Annotated[int, msgspec.Meta(ge=1, le=255)]
    secret: Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]
    created: datetime
    seals_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    retired: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __repr__(self) -> str:
        return f"Key(id={self.id})"


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file. Ids grow from the first key, the anchor, to the newest."""

    keys: Annotated[list[Key], msgspec.Meta(min_length=1)]


def create(path: Path, *, entropy: Entropy, now: datetime) -> None:
    """Writes a new file with one key. Raises FileExistsError rather than replace one."""
    first = Key(id=1, secret=entropy.token(SECRET_BYTES), created=now)
    write(path, [first])


def write(path: Path, keys: Sequence[Key]) -> None:
    """Writes a file that is not there yet, for this account only, whole or not at all. Raises FileExistsError, OSError."""
    written = msgspec.json.format(msgspec.json.encode(KeyFile(keys=list(keys))), indent=2)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(written + b"\n")
            file.flush()
            os.fsync(file.fileno())  # what it will seal must never outlive it
    except OSError:
        path.unlink()  # a full disk: the next try must not take half a key for somebody's
        raise


def read(path: Path) -> tuple[Key, ...]:
    """The keys, oldest first. Raises KeysRefused."""
    try:
        keys = msgspec.json.decode(_contents(path), type=KeyFile).keys
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeysRefused(DAMAGED, path) from None
    if not _in_order(keys):
        raise KeysRefused(DAMAGED, path)
    return tuple(keys)


def _in_order(keys: Sequence[Key]) -> bool:
    """Ids grow; only an anchor that has a successor stays in the file retired."""
    ids = [key.id for key in keys]
    return ids == sorted(set(ids)) and all(key.retired is None for key in (*keys[1:], keys[-1]))


def succeeds(found: Sequence[Key], known: Sequence[Key]) -> bool:
    """Whether one file can follow the other: the same anchor, no key changed under its id, no newest one lost."""
    secrets = {key.id: key.secret for key in known}
    same = all(secrets.get(key.id, key.secret) == key.secret for key in found)
    return same and found[0].id == known[0].id and found[-1].id >= known[-1].id


def sealing(keys: Sequence[Key], now: datetime) -> Key:
    """The key that seals now: the newest whose moment has come."""
    usable = [key for key in keys if key.retired is None]
    return next((key for key in reversed(usable) if key.seals_from is None or key.seals_from <= now), usable[0])


def key_of(sealed: bytes) -> int | None:
    """The id of the key that sealed it; None if it was sealed by none of ours."""
    return sealed[1] if len(sealed) >= HEADER_BYTES and sealed[0] == FORMAT else None


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise KeysRefused(READABLE_BY_OTHERS, path)
            return file.read()
    except OSError:
        raise KeysRefused(MISSING, path) from None


class Watch(Protocol):
    """Looks whether the key file has changed (`core.adapters.key_watch`)."""

    def due(self) -> bool:
        """Whether it is time to look again."""

    def changed(self) -> tuple[Key, ...] | None:
        """The keys, if the file is another than the last time it was looked at."""


class KeyVault:
    """The port Vault: AES-256-GCM and HMAC-SHA256 under subkeys of the master keys (HKDF-SHA256).

    With a `watch`, it follows the file while it runs: looked at now and then, and at once when a sealed thing names a
    key that is not known, because another process may have sealed it with a key of this instant.
    """

    def __init__(self, keys: Sequence[Key], entropy: Entropy, watch: Watch | None = None) -> None:
        self._ring = _Ring(keys)
        self._anchor = keys[0].secret
        self._entropy = entropy
        self._watch = watch
        self._looking = Lock()
        self._digests: dict[str, Mac] = {}

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        self._look()
        ring = self._ring
        key = sealing(ring.keys, datetime.now(UTC)).id
        header = bytes((FORMAT, key))
        nonce = self._entropy.token(NONCE_BYTES)
        return header + nonce + ring.cipher(key, purpose).encrypt(nonce, clear, _bound_to(header, purpose, context))

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        key = key_of(sealed)
        ring = None if key is None else self._ring_with(key)
        if key is None or ring is None:
            return None
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return ring.cipher(key, purpose).decrypt(nonce, body, _bound_to(header, purpose, context))
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            return None

    def digest(self, purpose: str, clear: bytes) -> bytes:
        mac = self._digests.get(purpose)
        if mac is None:
            mac = self._digests[purpose] = Mac(_subkey(self._anchor, f"digest {purpose}"))
        return mac.digest(clear)

    def sign(self, purpose: str, clear: bytes) -> bytes:
        return self._signing(purpose).sign(clear)

    def public_key(self, purpose: str) -> bytes:
        return self._signing(purpose).public_key().public_bytes_raw()

    def _signing(self, purpose: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_subkey(self._anchor, f"sign {purpose}"))

    def _ring_with(self, key: int) -> "_Ring | None":
        self._look(at_once=key not in self._ring.secrets)
        ring = self._ring
        return ring if key in ring.secrets else None

    def _look(self, *, at_once: bool = False) -> None:
        if self._watch is None or not (at_once or self._watch.due()):
            return
        with self._looking:
            found = self._watch.changed()
            if found is not None and succeeds(found, self._ring.keys):
                self._ring = _Ring(found)
            elif found is not None:
                log.error("key-file-ignored", reason="not the successor of the keys in use")


class _Ring:
    """The keys of one state of the file; never changed, so that whoever holds it may go on with it."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self.secrets = {key.id: key.secret for key in keys if key.retired is None}
        self._ciphers: dict[tuple[int, str], AESGCM] = {}

    def cipher(self, key: int, purpose: str) -> AESGCM:
        """The cipher of that key for that purpose."""
        cipher = self._ciphers.get((key, purpose))
        if cipher is None:
            cipher = self._ciphers[key, purpose] = AESGCM(_subkey(self.secrets[key], f"seal {purpose}"))
        return cipher


def _subkey(secret: bytes, use: str) -> bytes:
    return HKDF(SHA256(), SECRET_BYTES, salt=None, info=f"retrouve {use}".encode()).derive(secret)


def _bound_to(header: bytes, purpose: str, context: bytes) -> bytes:
    return header + purpose.encode() + b"\0" + context
