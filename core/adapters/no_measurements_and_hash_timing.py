"""ProcessMeasurements of a process when no monitoring is set, and the timing of password hashes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import PasswordHasher, PasswordHasherOperation, ProcessMeasurements


class NoMeasurements:
    """The port ProcessMeasurements for a process that is not monitored."""

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None: ...

    def count_refusal(self, reason: str) -> None: ...

    def count_callback(self, what: str, outcome: str) -> None: ...

    def count_network_store_failure(self) -> None: ...

    def count_refused_row(self, table: str) -> None: ...


class TimedPasswordHasher:
    """Measures the time of another hasher."""

    def __init__(self, hasher: PasswordHasher, measures: ProcessMeasurements) -> None:
        self._hasher = hasher
        self._measures = measures

    def hash(self, password: str) -> str:
        with self._timed(PasswordHasherOperation.HASH):
            return self._hasher.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        with self._timed(PasswordHasherOperation.VERIFY):
            return self._hasher.verify(hashed, password)

    def needs_rehash(self, hashed: str) -> bool:
        return self._hasher.needs_rehash(hashed)

    @contextmanager
    def _timed(self, work: PasswordHasherOperation) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._measures.record_hashing(work, time.perf_counter() - began)
