"""What a process counts of its own work: nothing, unless its settings say where that is to be read."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import Hasher, HashWork, Measures


class Unmeasured:
    """The port Measures where nobody looks."""

    def hashed(self, work: HashWork, seconds: float) -> None: ...

    def refused(self, reason: str) -> None: ...

    def called_back(self, what: str, outcome: str) -> None: ...

    def networks_uncounted(self) -> None: ...


class TimedHasher:
    """A hasher whose work is timed."""

    def __init__(self, hasher: Hasher, measures: Measures) -> None:
        self._hasher = hasher
        self._measures = measures

    def hash(self, password: str) -> str:
        with self._timed(HashWork.HASH):
            return self._hasher.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        with self._timed(HashWork.VERIFY):
            return self._hasher.verify(hashed, password)

    def outdated(self, hashed: str) -> bool:
        return self._hasher.outdated(hashed)

    @contextmanager
    def _timed(self, work: HashWork) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._measures.hashed(work, time.perf_counter() - began)
