"""What outlives its use."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Remains(StrEnum):
    """What is erased after an election, in the order in which it goes."""

    SESSIONS = "sessions"
    LINKS = "links"
    AWAITED_CODES = "awaited-codes"
    BODIES = "bodies"
    """Sealed messages that would be sent to nobody any more."""
    ADDRESSES = "addresses"
    """The cases, whose states hold the addresses and telephones that were typed."""
    PHONES = "phones"
    PASSWORDS = "passwords"
    COUNTERS = "counters"


class Leftovers(Protocol):
    """What an election leaves behind of its voters, to be erased when its time is over (`core.service.purging`)."""

    def count(self, kind: Remains, now: datetime) -> int:
        """How many of that kind there are to erase."""

    def erase(self, kind: Remains, now: datetime) -> int:
        """Erases them; returns how many there were."""
