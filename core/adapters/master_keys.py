"""The master keys of an election. Each master key has a subkey for each purpose."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.adapters.age_sealing import age_identity, age_recipient
from core.security.key_roles import SENT

SECRET_BYTES = 32
FORMAT = 1
SENT_FORMAT = 2
"""Format of values that are encrypted twice: with an age public key, then with a shared key."""

K = TypeVar("K", bound="ElectionKey")


class ElectionKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A master key, or the subkeys that one program needs. `seals_from` is when the key starts to encrypt new values."""

    id: Annotated[int, msgspec.Meta(ge=1, le=255)]
    created: datetime
    seals_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    retired: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id})"

    @abstractmethod
    def subkey(self, kind: str, purpose: str) -> bytes: ...

    @abstractmethod
    def same_secrets(self, other: "ElectionKey") -> bool: ...


class SubkeyNotHeldByRole(Exception):
    """Raised when a program's role lacks a subkey (see `core.security.key_roles`)."""

    def __init__(self, kind: str, purpose: str) -> None:
        super().__init__(f"the keys of this role do not hold “{kind} {purpose}”")


class MasterKey(ElectionKey, frozen=True, kw_only=True):
    """A 256-bit secret, from which HKDF-SHA256 derives the subkeys."""

    secret: Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]

    def subkey(self, kind: str, purpose: str) -> bytes:
        match kind:
            case "verify":
                return signing_key(self.subkey("sign", purpose)).public_key().public_bytes_raw()
            case "recipient":
                secret = X25519PrivateKey.from_private_bytes(self.subkey("identity", purpose))
                return secret.public_key().public_bytes_raw()
            case _:
                info = f"retrouve {kind} {purpose}".encode()
                return HKDF(SHA256(), SECRET_BYTES, salt=None, info=info).derive(self.secret)

    def same_secrets(self, other: ElectionKey) -> bool:
        return isinstance(other, MasterKey) and self.secret == other.secret


def are_keys_in_order(keys: Sequence[ElectionKey]) -> bool:
    """Return whether the ids increase. Only the first of several keys may be retired."""
    ids = [key.id for key in keys]
    return ids == sorted(set(ids)) and all(key.retired is None for key in (*keys[1:], keys[-1]))


def is_successor(found: Sequence[ElectionKey], known: Sequence[ElectionKey]) -> bool:
    """Return whether the keys `found` may replace the keys `known`."""
    before = {key.id: key for key in known}
    same = all(key.same_secrets(before.get(key.id, key)) for key in found)
    return same and found[0].id == known[0].id and found[-1].id >= known[-1].id


def current_encryption_key(keys: Sequence[K], now: datetime) -> K:
    usable = [key for key in keys if key.retired is None]
    return next((key for key in reversed(usable) if key.seals_from is None or key.seals_from <= now), usable[0])


class KeyRing:
    """An immutable, thread-safe set of keys."""

    def __init__(self, keys: Sequence[ElectionKey]) -> None:
        self.keys = tuple(keys)
        self.usable = {key.id: key for key in keys if key.retired is None}
        self.headers = {bytes((form, key)) for form in (FORMAT, SENT_FORMAT) for key in self.usable}
        self.sealing_header, self.cipher = cache(self._sealing_header), cache(self._cipher)
        self.recipient = cache(lambda key, purpose: age_recipient(self.usable[key].subkey("recipient", purpose)))
        self.identity = cache(lambda key, purpose: age_identity(self.usable[key].subkey("identity", purpose)))

    def _sealing_header(self, key: int, purpose: str) -> bytes:
        """Return the header of a new encrypted value: its format and key id. Raises SubkeyNotHeldByRole."""
        header = bytes((FORMAT, key))
        try:
            self.cipher(header, purpose)
        except SubkeyNotHeldByRole:
            if purpose not in SENT:
                raise
            return bytes((SENT_FORMAT, key))
        return header

    def _cipher(self, header: bytes, purpose: str) -> AESGCM:
        kind = "bind" if header[0] == SENT_FORMAT else "seal"
        return AESGCM(self.usable[header[1]].subkey(kind, purpose))


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secret)
