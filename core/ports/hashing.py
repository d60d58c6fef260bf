"""Hashing of passwords."""

from enum import StrEnum
from typing import Protocol


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
