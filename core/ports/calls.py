"""Records of the desk's calls: how each ended, whom to call back, and the files handed to a colleague.

A row says what of, when, by whom and one word of a fixed list; no text, contact or secret has a place in it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from core.text.faces.call_sentences import CallOutcome, ContactReason, HandOverReason

R = TypeVar("R")


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A call that has ended. `voter` is None when nobody was found for it, `id` 0 until it is stored."""

    id: int = 0
    agent: str
    began: datetime
    ended: datetime
    outcome: CallOutcome
    voter: int | None = None
    case: str | None = None
    version: int = 0


class CallBackOrigin(StrEnum):
    """The place where a call-back was asked for."""

    CALL = "call"
    WEB_FORM = "web-form"


class AnswerWay(StrEnum):
    """The way in which the person wants to be answered."""

    CALL = "call"
    WRITING = "writing"


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """A promise to call somebody back, or to write to them.

    Who asks on the site may type any case number: `case` refers to no table, and `voter` is then None.
    """

    id: int = 0
    origin: CallBackOrigin
    way: AnswerWay = AnswerWay.CALL
    reason: ContactReason
    voter: int | None
    case: str | None
    asked: datetime
    promised_by: str | None = None
    """The agent who promised it; None when it was asked for on the site."""
    due: datetime
    until: datetime | None = None
    """The end of the hours in which the person can be called, where they gave them."""
    assigned: str | None = None
    """The agent who is to call; None for anyone."""
    taken_by: str | None = None
    taken: datetime | None = None
    done: datetime | None = None
    outcome: CallOutcome | None = None
    version: int = 0


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """The file of a voter, or a case, handed by an agent to another; `taken` is when that one opened it."""

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
    """Rows of one kind, each of which changes only as it was read."""

    def add(self, row: R) -> int:
        """Store a row and return its id. Raises ConflictError if a call of that agent began at that moment."""

    def by_id(self, row: int) -> R | None:
        """Return that row, whatever became of it."""

    def change(self, former: R, row: R) -> None:
        """Write the row anew. Raises ConflictError unless it is still `former`."""


class CallRecordRepository(VersionedRowRepository[CallRecord], Protocol):
    """The calls that have ended."""

    def of_agent(self, agent: str, began: datetime) -> CallRecord | None:
        """Return the call of an agent that began at that moment."""

    def of_voter(self, voter: int, limit: int) -> list[CallRecord]:
        """Return the calls about a voter, the latest first."""

    def of_case(self, case: str, limit: int) -> list[CallRecord]:
        """Return the calls about a case, the latest first."""


class CallBackRepository(VersionedRowRepository[CallBack], Protocol):
    def waiting(self, origin: CallBackOrigin, limit: int) -> list[CallBack]:
        """Return those of an origin that are not done, the first due first."""

    def waiting_for(self, voter: int) -> list[CallBack]:
        """Return those of a voter that are not done, the first due first."""

    def waiting_for_case(self, case: str) -> list[CallBack]:
        """Return those of a case that are not done, the first due first."""


class HandOverRepository(VersionedRowRepository[HandOver], Protocol):
    """The files handed over."""

    def waiting_for(self, agent: str, limit: int) -> list[HandOver]:
        """Return those that an agent has not taken yet, the oldest first."""
