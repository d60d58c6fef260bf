"""The codes that were sent to each voter, and the telephone numbers that they gave."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class CodeRequestOutcome(StrEnum):
    """Results of a submission that asks for a code."""

    NOT_SENT = "not-sent"
    """No code left: the identity did not match, or the voter changed the number while it waited. It counts all the same."""
    WITHDRAWN = "withdrawn"
    """The voter changed the number before the SMS left: its number counts, the sending does not."""
    SENT = "sent"
    """A code left, or leaves at that time."""
    ANSWERED = "answered"
    """The code came back: the telephone is at hand."""


class CodeSending(msgspec.Struct, frozen=True, kw_only=True):
    """One sending of a code, by the keyed digest of the number."""

    id: int
    phone: bytes
    at: datetime
    outcome: CodeRequestOutcome


class SmsBudgetReservation(msgspec.Struct, frozen=True):
    """The reservation of one code: its place in each of that day's budgets, by scope; the first is 1."""

    day: date
    places: dict[str, int]


class CodeSendingRepository(Protocol):
    """The sendings of codes by voter. They are exact for whoever has locked the voter."""

    def of_voter(self, voter: int, since: datetime) -> list[CodeSending]:
        """Return the sendings after that time, oldest first."""

    def add(self, voter: int, phone_digest: bytes, at: datetime, outcome: CodeRequestOutcome) -> None:
        """Add a sending."""

    def change(self, sending: int, at: datetime, outcome: CodeRequestOutcome) -> None:
        """Change the time and the outcome of a sending."""

    def forget(self, voter: int, until: datetime) -> None:
        """Delete the voter's sendings up to that time."""
