from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current time in UTC, with its time zone."""


class RandomSource(Protocol):
    def random_bytes(self, size: int) -> bytes: ...

    def random_symbols(self, alphabet: str, size: int) -> str: ...
