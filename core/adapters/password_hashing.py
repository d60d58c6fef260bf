"""Hashes passwords with argon2id."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19 * 1024
TIME = 2
PARALLELISM = 1
"""OWASP Password Storage Cheat Sheet: m=19 MiB, t=2, p=1, the least memory it recommends."""


@cache
def _argon2(memory_kib: int, time: int, parallelism: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time, memory_cost=memory_kib, parallelism=parallelism)


@cache
def _dummy_hash(memory_kib: int, time: int, parallelism: int) -> str:
    """Return a hash to verify against where a voter has none; made once a process."""
    return _argon2(memory_kib, time, parallelism).hash("")


class Argon2PasswordHasher:
    """The port Hasher. Its parameters may grow between elections; `needs_rehash` says which hashes have other ones."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, time: int = TIME, parallelism: int = PARALLELISM) -> None:
        self._argon2 = _argon2(memory_kib, time, parallelism)
        self._dummy_hash = _dummy_hash(memory_kib, time, parallelism)

    def hash(self, password: str) -> str:
        return self._argon2.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        try:
            self._argon2.verify(hashed or self._dummy_hash, password)
        except InvalidHashError:  # raised before any work was done
            return self.verify(None, password)
        except VerificationError:
            return False
        return bool(hashed)

    def needs_rehash(self, hashed: str) -> bool:
        try:
            return self._argon2.check_needs_rehash(hashed)
        except InvalidHashError:
            return True
