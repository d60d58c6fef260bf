from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol


class PasswordHasherOperation(StrEnum):
    HASH = "hash"
    VERIFY = "verify"


PasswordTurn = Callable[[], AbstractContextManager[None]]
"""Waits until the site may hash a password. Raises PasswordQueueFull."""


class PasswordHasher(Protocol):
    """Hashes passwords with argon2id (OWASP Password Storage Cheat Sheet)."""

    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """Return whether the password matches. Takes just as long if `hashed` is None."""

    def needs_rehash(self, hashed: str) -> bool: ...
