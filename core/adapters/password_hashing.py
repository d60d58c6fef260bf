from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from threading import Semaphore
from time import perf_counter

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from core.ports import PasswordHasherOperation, PasswordQueueFull, ProcessMeasurements

MEMORY_KIB = 19 * 1024
TIME_COST = 2
PARALLELISM = 1
# MEMORY_KIB, TIME_COST and PARALLELISM are the minimum of OWASP's Password Storage Cheat Sheet.


@cache
def _argon2(memory_kib: int, time: int, parallelism: int) -> argon2.PasswordHasher:
    return argon2.PasswordHasher(time_cost=time, memory_cost=memory_kib, parallelism=parallelism)


@cache
def _dummy_hash(memory_kib: int, time: int, parallelism: int) -> str:
    """Return a dummy hash. Checking it takes as long as checking a real hash."""
    return _argon2(memory_kib, time, parallelism).hash("")


class Argon2PasswordHasher:
    def __init__(
        self,
        measures: ProcessMeasurements | None = None,
        /,
        *,
        memory_kib: int = MEMORY_KIB,
        time: int = TIME_COST,
        parallelism: int = PARALLELISM,
    ) -> None:
        self._measures = measures or ProcessMeasurements()
        self._argon2 = _argon2(memory_kib, time, parallelism)
        self._dummy_hash = _dummy_hash(memory_kib, time, parallelism)

    def hash(self, password: str) -> str:
        with self._timed(PasswordHasherOperation.HASH):
            return self._argon2.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        with self._timed(PasswordHasherOperation.VERIFY):
            try:
                self._argon2.verify(hashed or self._dummy_hash, password)
            except VerificationError:
                return False
            except InvalidHashError:  # raised before any work was done
                with suppress(VerificationError):
                    self._argon2.verify(self._dummy_hash, password)
                return False
            return bool(hashed)

    def needs_rehash(self, hashed: str) -> bool:
        try:
            return self._argon2.check_needs_rehash(hashed)
        except InvalidHashError:
            return True

    @contextmanager
    def _timed(self, work: PasswordHasherOperation) -> Iterator[None]:
        began = perf_counter()
        yield
        self._measures.record_hashing(work, perf_counter() - began)


class PasswordTurns:
    """Limits how many passwords a process hashes at once, and how many may wait."""

    def __init__(self, *, at_once: int, waiting: int, wait_seconds: float) -> None:
        self._turns = Semaphore(at_once)
        self._places = Semaphore(at_once + waiting)
        self._wait_seconds = wait_seconds

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn. Raises PasswordQueueFull if too many wait, or if it takes too long."""
        if not self._places.acquire(blocking=False):
            raise PasswordQueueFull
        with ExitStack() as stack:
            stack.callback(self._places.release)
            if not self._turns.acquire(timeout=self._wait_seconds):
                raise PasswordQueueFull
            stack.callback(self._turns.release)
            yield
