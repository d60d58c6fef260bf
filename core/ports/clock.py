"""Time, randomness, keys, hashes and measurements."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""


class RandomSource(Protocol):
    """Draws unguessable values."""

    def random_bytes(self, size: int) -> bytes:
        """Draw that many random bytes."""

    def random_symbols(self, alphabet: str, size: int) -> str:
        """Draw that many symbols, each equally likely."""


class PasswordHasherOperation(StrEnum):
    HASH = "hash"
    VERIFY = "verify"


class PasswordHasher(Protocol):
    """Hashes passwords (argon2id; OWASP Password Storage Cheat Sheet). May raise PasswordQueueFull while many passwords wait."""

    def hash(self, password: str) -> str:
        """Return the hash, with its parameters and salt."""

    def verify(self, hashed: str | None, password: str) -> bool:
        """Return whether they match. The same work is done without a hash, so the time does not reveal who has one."""

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash was made with other parameters than today's."""


class Vault(Protocol):
    """Seals and digests, each for a named purpose (`core.adapters.key_vault`)."""

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        """Encrypt and authenticate; `context` must be given again to open."""

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        """Return the clear bytes, or None if they were not sealed with that purpose and context."""

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """Return a keyed digest of 32 bytes, which never changes."""

    def sign(self, purpose: str, clear: bytes) -> bytes:
        """Return an Ed25519 signature (RFC 8032); its key never changes."""

    def public_key(self, purpose: str) -> bytes:
        """Return the public key for `sign`, of 32 bytes."""


class ProcessMeasurements:
    """Counts what one process does, for monitoring: nothing, unless a subclass does. What the store knows is read from the store."""

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None:
        """Record how long a password took to hash or verify."""

    def count_refusal(self, reason: str) -> None:
        """Count a page of refusal; `reason` is its stable id."""

    def count_callback(self, what: str, outcome: str) -> None:
        """Count a callback of an SMS gateway ("report", "inbound"); `outcome` is one of a few stable words."""

    def count_network_store_failure(self) -> None:
        """Count that the store of the per-network buckets did not answer."""

    def count_refused_row(self, table: str) -> None:
        """Count that a row of that table was written by somebody else, and was refused."""

    def record_reload(self, *, refused: bool) -> None:
        """Record whether the last reload refused the settings or keys."""
