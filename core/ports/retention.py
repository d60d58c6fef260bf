"""The data that is erased after an election."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ErasableDataKind(StrEnum):
    """The kinds of data erased after an election, in that order."""

    SESSIONS = "sessions"
    LINKS = "links"
    AWAITED_CODES = "awaited-codes"
    BODIES = "bodies"
    """The sealed bodies of messages that would not be sent any more."""
    ADDRESSES = "addresses"
    """The cases, whose states hold the addresses and telephones that were typed."""
    CALLS = "calls"
    """Ends of calls, call-backs, and files handed to colleagues."""
    PHONES = "phones"
    PASSWORDS = "passwords"
    COUNTERS = "counters"


class Retention(Protocol):
    """Counts and erases what an election leaves behind of its voters (`core.roll.personal_data_purge`)."""

    def count(self, kind: ErasableDataKind, now: datetime) -> int:
        """Count what there is to erase of that kind."""

    def erase(self, kind: ErasableDataKind, now: datetime) -> int:
        """Erase that kind. Return how many there were."""
