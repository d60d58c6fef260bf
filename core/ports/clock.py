from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current time, aware and in UTC."""


class RandomSource(Protocol):
    def random_bytes(self, size: int) -> bytes:
        """Return `size` random bytes."""

    def random_symbols(self, alphabet: str, size: int) -> str: ...
