from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ErasableDataKind(StrEnum):
    """A kind of data that is erased after an election. The kinds are erased in the order given here."""

    SESSIONS = "sessions"
    LINKS = "links"
    AWAITED_CODES = "awaited-codes"
    BODIES = "bodies"
    """The encrypted texts of messages that will never be sent."""
    ADDRESSES = "addresses"
    """All cases, because they contain the addresses and phone numbers that voters typed."""
    CALLS = "calls"
    """The records of calls, of call-backs, and of files handed to colleagues."""
    PHONES = "phones"
    PASSWORDS = "passwords"
    COUNTERS = "counters"


class Retention(Protocol):
    def count(self, kind: ErasableDataKind, now: datetime) -> int: ...

    def erase(self, kind: ErasableDataKind, now: datetime) -> int:
        """Erase the data of this kind, and return how many records were erased."""
