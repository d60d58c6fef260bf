"""Records of the desk's calls: how each call ended, call-backs, and files handed to a colleague.

The rows hold ids, times, agents and fixed words; no free text, contact details or secrets.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from core.text.faces.call_sentences import CallOutcome, ContactReason, HandOverReason

R = TypeVar("R")


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A call that has ended. `voter` is None if no voter was found, `id` is 0 until the call is stored."""

    id: int = 0
    agent: str
    began: datetime
    ended: datetime
    outcome: CallOutcome
    voter: int | None = None
    case: str | None = None
    version: int = 0


class CallBackOrigin(StrEnum):
    """Where a call-back was requested."""

    CALL = "call"
    WEB_FORM = "web-form"


class AnswerWay(StrEnum):
    """How the person wants to be answered."""

    CALL = "call"
    WRITING = "writing"


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """A promise to call or write to somebody.

    On the website any case number can be typed, so `case` is not a foreign key and `voter` is then None.
    """

    id: int = 0
    origin: CallBackOrigin
    way: AnswerWay = AnswerWay.CALL
    reason: ContactReason
    voter: int | None
    case: str | None
    asked: datetime
    promised_by: str | None = None
    """The agent who promised it, or None if it was requested on the website."""
    due: datetime
    until: datetime | None = None
    """End of the hours in which the person can be called, if given."""
    assigned: str | None = None
    """The agent who must call, or None for any agent."""
    taken_by: str | None = None
    taken: datetime | None = None
    done: datetime | None = None
    outcome: CallOutcome | None = None
    version: int = 0


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """A voter's file or a case that one agent handed to another.

    `taken` is the time at which the other agent opened it.
    """

    id: int = 0
    reason: HandOverReason
    voter: int | None
    case: str | None
    given_by: str
    given_to: str
    given: datetime
    taken: datetime | None = None
    version: int = 0


class VersionedRowRepository(Protocol[R]):
    """Rows of one kind, changed by compare-and-swap."""

    def add(self, row: R) -> int:
        """Store a row and return its id. Raises ConflictError if a call of that agent began at the same time."""

    def by_id(self, row: int) -> R | None:
        """Return that row in any state."""

    def change(self, former: R, row: R) -> None:
        """Replace the row. Raises ConflictError unless it still equals `former`."""


class CallRecordRepository(VersionedRowRepository[CallRecord], Protocol):
    def of_agent(self, agent: str, began: datetime) -> CallRecord | None:
        """Return the agent's call that began at that time."""

    def of_voter(self, voter: int, limit: int) -> list[CallRecord]:
        """Return the calls about a voter, latest first."""

    def of_case(self, case: str, limit: int) -> list[CallRecord]:
        """Return the calls about a case, latest first."""


class CallBackRepository(VersionedRowRepository[CallBack], Protocol):
    def waiting(self, origin: CallBackOrigin, limit: int) -> list[CallBack]:
        """Return the open call-backs from that origin, earliest due first."""

    def waiting_for(self, voter: int) -> list[CallBack]:
        """Return the voter's open call-backs, earliest due first."""

    def waiting_for_case(self, case: str) -> list[CallBack]:
        """Return the case's open call-backs, earliest due first."""


class HandOverRepository(VersionedRowRepository[HandOver], Protocol):
    def waiting_for(self, agent: str, limit: int) -> list[HandOver]:
        """Return the files that the agent has not opened yet, oldest first."""
