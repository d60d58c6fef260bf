"""Time and randomness."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""


class RandomSource(Protocol):
    """Draws unguessable values."""

    def random_bytes(self, size: int) -> bytes:
        """Draw that many random bytes."""

    def random_symbols(self, alphabet: str, size: int) -> str:
        """Draw that many symbols, each equally likely."""
