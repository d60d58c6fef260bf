"""Time, chance, keys, hashes and counts."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Aware, in UTC."""


class Entropy(Protocol):
    """Where unguessable things come from."""

    def token(self, size: int) -> bytes:
        """That many random bytes."""

    def symbols(self, alphabet: str, size: int) -> str:
        """That many symbols, each equally likely."""


class HashWork(StrEnum):
    """What the hasher was asked."""

    HASH = "hash"
    VERIFY = "verify"


class Hasher(Protocol):
    """Passwords to hashes (argon2id; OWASP Password Storage Cheat Sheet)."""

    def hash(self, password: str) -> str:
        """The hash, with its parameters and salt."""

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether they match. The same work is done without a hash, so time does not tell who has one."""

    def outdated(self, hashed: str) -> bool:
        """Whether today's parameters are others."""


class Guesses(Protocol):
    """Knows what is easily guessed."""

    def common(self, password: str) -> bool:
        """Whether it is in a list of common passwords."""

    def strength(self, password: str, about: Iterable[str]) -> int:
        """The score of zxcvbn, 0 to 4, knowing words about its owner."""


class Vault(Protocol):
    """Seals and digests, each for a named purpose (`core.adapters.keys`)."""

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        """Encrypted and authenticated; `context` must be given again to open."""

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        """The clear bytes, or None if it was not sealed so."""

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """A keyed digest of 32 bytes, the same for ever."""

    def sign(self, purpose: str, clear: bytes) -> bytes:
        """An Ed25519 signature (RFC 8032); its key is the same for ever."""

    def public_key(self, purpose: str) -> bytes:
        """What `sign` is checked with: 32 bytes that anyone may know."""


class Measures(Protocol):
    """What one process counts for those who watch the machines; what the store knows is read from it instead."""

    def hashed(self, work: HashWork, seconds: float) -> None:
        """A password was hashed or verified, and how long that took."""

    def refused(self, reason: str) -> None:
        """A page of refusal was shown; `reason` is its stable id."""

    def called_back(self, what: str, outcome: str) -> None:
        """An SMS gateway told something ("report", "inbound"); `outcome` is one of a few stable words."""

    def networks_uncounted(self) -> None:
        """The store of the per-network buckets did not answer."""
