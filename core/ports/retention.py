"""Erasing data after an election."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ErasableDataKind(StrEnum):
    """The kinds of data erased after an election, in the order of erasure."""

    SESSIONS = "sessions"
    LINKS = "links"
    AWAITED_CODES = "awaited-codes"
    BODIES = "bodies"
    """The sealed bodies of messages that will not be sent any more."""
    ADDRESSES = "addresses"
    """The cases. Their states hold the addresses and phone numbers that voters typed."""
    CALLS = "calls"
    """Call outcomes, call-backs, and files handed to colleagues."""
    PHONES = "phones"
    PASSWORDS = "passwords"
    COUNTERS = "counters"


class Retention(Protocol):
    """Counts and erases voters' data after an election (`core.roll.personal_data_purge`)."""

    def count(self, kind: ErasableDataKind, now: datetime) -> int:
        """Count the data of that kind to erase."""

    def erase(self, kind: ErasableDataKind, now: datetime) -> int:
        """Erase the data of that kind. Return how much was erased."""
