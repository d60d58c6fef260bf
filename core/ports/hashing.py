from enum import StrEnum
from typing import Protocol


class PasswordHasherOperation(StrEnum):
    HASH = "hash"
    VERIFY = "verify"


class PasswordHasher(Protocol):
    """Hashes passwords (argon2id; OWASP Password Storage Cheat Sheet). May raise PasswordQueueFull."""

    def hash(self, password: str) -> str:
        """Return the hash with its parameters and salt."""

    def verify(self, hashed: str | None, password: str) -> bool:
        """Return whether the password matches.

        Takes the same time when `hashed` is None, to hide which voters have a password.
        """

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash uses other parameters than the current ones."""
