"""Encrypts with the newest master key. The first master key is used for signatures and digests."""

import logging
import os
import stat
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from pyrage import encrypt

from core.adapters.age_sealing import open_with
from core.adapters.atomic_file_replacement import write_private_file
from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.master_keys import (
    FORMAT,
    SECRET_BYTES,
    SENT_FORMAT,
    ElectionKey,
    KeyRing,
    MasterKey,
    are_keys_in_order,
    current_encryption_key,
    is_successor,
    signing_key,
)
from core.ports import RandomSource, StoreUnavailable
from core.security.key_roles import SENT
from core.text.text import N_, Text

FILE = "master.key"
NONCE_BYTES = 12
"""Nonce length in bytes, safe for 2^32 values per subkey (NIST SP 800-38D §8.3)."""
HEADER_BYTES = 2
"""Length of an encrypted value's header, in bytes: the format and the key id."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO
CHECK_SECONDS = 2.0
"""Number of seconds between two checks of the key file for changes."""
GROUP_OF_CREDENTIALS = 0

MISSING = N_("La clé maîtresse {path} n'existe pas ou ne peut pas être lue. Restaurez-la depuis sa copie de secours.")
READABLE_BY_OTHERS = N_("Le fichier de clés {path} est accessible à d'autres comptes. Faites : chmod 600 {path}")
DAMAGED = N_("Le fichier {path} n'est pas une clé maîtresse entière. Restaurez-le depuis sa copie de secours.")

log = logging.getLogger("retrouve")


class KeyFileRefused(Exception):
    def __init__(self, sentence: Text, path: Path) -> None:
        super().__init__(sentence.msgid)
        self.reason = sentence.fill({"path": str(path)})


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    keys: Annotated[list[MasterKey], msgspec.Meta(min_length=1)]


def create_key_file(path: Path, *, entropy: RandomSource, now: datetime) -> None:
    first = MasterKey(id=1, secret=entropy.random_bytes(SECRET_BYTES), created=now)
    write_private_file(path, encode_keys(KeyFile(keys=[first])))


def encode_keys(file: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def read_key_file(path: Path) -> tuple[MasterKey, ...]:
    """Return the keys in a master key file, oldest first. Raises KeyFileRefused."""
    return decode_key_file(read_private_file(path), path)


def decode_key_file(content: bytes, path: Path) -> tuple[MasterKey, ...]:
    try:
        keys = msgspec.json.decode(content, type=KeyFile).keys
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeyFileRefused(DAMAGED, path) from None
    if not are_keys_in_order(keys):
        raise KeyFileRefused(DAMAGED, path)
    return tuple(keys)


def key_id_of(sealed: bytes) -> int | None:
    """Return the id of the key that encrypted a value, or None if unknown."""
    return sealed[1] if len(sealed) >= HEADER_BYTES and sealed[0] in {FORMAT, SENT_FORMAT} else None


def read_private_file(path: Path, missing_reason: Text = MISSING) -> bytes:
    """Return the content of a file that no other user can access. Raises KeyFileRefused."""
    try:
        with path.open("rb") as file:
            if _is_open_to_others(path, os.fstat(file.fileno())):
                raise KeyFileRefused(READABLE_BY_OTHERS, path)
            return file.read()
    except OSError:
        raise KeyFileRefused(missing_reason, path) from None


def _is_open_to_others(path: Path, status: os.stat_result) -> bool:
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if given and path.parent.resolve() == Path(given).resolve() and status.st_gid == GROUP_OF_CREDENTIALS:
        # Since systemd 254, credentials have mode 0440. The group bit is the mask of an ACL, which contains only the
        # account of the service.
        return bool(status.st_mode & OTHERS & ~stat.S_IRGRP)
    return bool(status.st_mode & OTHERS)


class KeyFileWatch:
    """Reads the key file again whenever it changes."""

    def __init__(self, path: Path, read: Callable[[Path], tuple[ElectionKey, ...]] = read_key_file) -> None:
        self._path = path
        self._read = read
        self._seen: tuple[int, ...] | None = None  # None, because the file may change before the first check
        self.next_check = 0.0
        self._logged = False

    def is_check_due(self) -> bool:
        return time.monotonic() >= self.next_check

    def read_if_changed(self) -> tuple[ElectionKey, ...] | None:
        self.next_check = time.monotonic() + CHECK_SECONDS
        mark = _mark(self._path)
        if mark is None or mark == self._seen:
            return None
        try:
            found = self._read(self._path)
        except KeyFileRefused as refused:
            if not self._logged:
                log.error("key-file-ignored", extra={"reason": str(refused)})  # noqa: TRY400  # the traceback adds nothing
            self._logged = True
            return None
        self._seen, self._logged = mark, False
        return found


def _mark(path: Path) -> tuple[int, ...] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  # runs for every encrypted value; `Path.stat` takes twice as long
    except OSError:
        return None
    return found.st_ino, found.st_ctime_ns, found.st_size


class KeyVault:
    """Implements `Vault` with AES-256-GCM, age and HMAC-SHA256. Raises SubkeyNotHeldByRole or StoreUnavailable."""

    def __init__(
        self,
        keys: Sequence[ElectionKey],
        entropy: RandomSource,
        watch: KeyFileWatch | None = None,
        clock: DatabaseSyncedClock | None = None,
    ) -> None:
        self._ring = KeyRing(keys)
        self._anchor = keys[0]
        self._entropy = entropy
        self.watch = watch
        self._clock = clock or DatabaseSyncedClock()
        self._check_lock = Lock()
        self.announced_key = 0
        """Id of the newest key announced in the database, or 0 if there is none."""
        self._signing_key = cache(lambda purpose: signing_key(self._anchor.subkey("sign", purpose)))
        self._hmac_key = cache(lambda purpose: HMAC(self._anchor.subkey("digest", purpose), SHA256()))

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        if self.watch is not None and self.watch.is_check_due():
            self._read_file(self.watch)
        ring = self._ring
        key = ring.keys[-1]
        if key.seals_from is not None:
            key = current_encryption_key(ring.keys, self._clock.time_without_demo_offset())
        header = ring.sealing_header(key.id, purpose)
        inner = encrypt(clear, [ring.recipient(key.id, purpose)]) if header[0] == SENT_FORMAT else clear
        nonce = self._entropy.random_bytes(NONCE_BYTES)
        bound_to = header + purpose.encode() + b"\0" + context
        return header + nonce + ring.cipher(header, purpose).encrypt(nonce, inner, bound_to)

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        if self.watch is not None and (header not in self._ring.headers or self.watch.is_check_due()):
            self._read_file(self.watch)
        ring = self._ring
        if header not in ring.headers:
            key = key_id_of(sealed)
            if key is not None and ring.keys[-1].id < key <= self.announced_key:
                raise StoreUnavailable(f"this host lacks key {key}")  # the value may be genuine
            return None
        sent = header[0] == SENT_FORMAT
        if sent and purpose not in SENT:
            return None
        identity = ring.identity(header[1], purpose) if sent else None
        nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            inner = ring.cipher(header, purpose).decrypt(nonce, body, header + purpose.encode() + b"\0" + context)
        except (InvalidTag, ValueError):  # ValueError: too short to contain a nonce
            return None
        return inner if identity is None else open_with(identity, inner)

    def holds_key(self, key: int) -> bool:
        """Return whether the vault has this key or a newer one."""
        if self.watch is not None and key > self._ring.keys[-1].id:
            self._read_file(self.watch)
        return key <= self._ring.keys[-1].id

    def digest(self, purpose: str, clear: bytes) -> bytes:
        mac = self._hmac_key(purpose).copy()  # three times as fast as `hmac.digest`
        mac.update(clear)
        return mac.finalize()

    def sign(self, purpose: str, clear: bytes) -> bytes:
        return self._signing_key(purpose).sign(clear)

    def public_key(self, purpose: str) -> bytes:
        return self._anchor.subkey("verify", purpose)

    def _read_file(self, watch: KeyFileWatch) -> None:
        with self._check_lock:
            found = watch.read_if_changed()
            if found is not None and is_successor(found, self._ring.keys):
                self._ring = KeyRing(found)
            elif found is not None:
                log.error("key-file-ignored", extra={"reason": "not the successor of the keys in use"})
