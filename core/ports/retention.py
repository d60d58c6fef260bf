from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ErasableDataKind(StrEnum):
    """Kinds of data that are erased after an election, in the order of erasure."""

    SESSIONS = "sessions"
    LINKS = "links"
    AWAITED_CODES = "awaited-codes"
    BODIES = "bodies"
    ADDRESSES = "addresses"
    """All cases. They contain typed addresses and phone numbers."""
    CALLS = "calls"
    PHONES = "phones"
    PASSWORDS = "passwords"
    COUNTERS = "counters"


class Retention(Protocol):
    def count(self, kind: ErasableDataKind, now: datetime) -> int: ...

    def erase(self, kind: ErasableDataKind, now: datetime) -> int: ...
