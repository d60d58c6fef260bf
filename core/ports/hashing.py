from enum import StrEnum
from typing import Protocol


class PasswordHasherOperation(StrEnum):
    HASH = "hash"
    VERIFY = "verify"


class PasswordHasher(Protocol):
    """Hashes passwords with argon2id (OWASP Password Storage Cheat Sheet). May raise PasswordQueueFull."""

    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """Return whether the password matches. Takes just as long if `hashed` is None."""

    def needs_rehash(self, hashed: str) -> bool: ...
