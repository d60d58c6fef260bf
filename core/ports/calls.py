"""Records of calls, call-backs and hand-overs. They never contain free text, contact details or secrets."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from core.text.faces.call_sentences import CallOutcome, ContactReason, HandOverReason

R = TypeVar("R")


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: int = 0
    agent: str
    began: datetime
    ended: datetime
    outcome: CallOutcome
    voter: int | None = None
    case: str | None = None
    version: int = 0


class CallBackOrigin(StrEnum):
    CALL = "call"
    WEB_FORM = "web-form"


class AnswerWay(StrEnum):
    CALL = "call"
    WRITING = "writing"


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """A promise to call a voter back or to answer in writing."""

    id: int = 0
    origin: CallBackOrigin
    way: AnswerWay = AnswerWay.CALL
    reason: ContactReason
    voter: int | None
    case: str | None
    """A case number, possibly mistyped."""
    asked: datetime
    promised_by: str | None = None
    due: datetime
    until: datetime | None = None
    """Deadline for the answer, as promised by the website, or None."""
    assigned: str | None = None
    """The agent who must call back. None if any agent may."""
    taken_by: str | None = None
    taken: datetime | None = None
    done: datetime | None = None
    shared: bool = False
    """True if several browsers requested this call-back. Then no browser can change the request."""
    outcome: CallOutcome | None = None
    version: int = 0


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    id: int = 0
    reason: HandOverReason
    voter: int | None
    case: str | None
    given_by: str
    given_to: str
    given: datetime
    taken: datetime | None = None
    """The time at which the receiving agent opened the voter's file, or None."""
    version: int = 0


class VersionedRowRepository(Protocol[R]):
    def add(self, row: R) -> int:
        """Store a row and return its id. Raises ConflictError."""

    def by_id(self, row: int) -> R | None: ...

    def change(self, former: R, row: R) -> None: ...


class CallRecordRepository(VersionedRowRepository[CallRecord], Protocol):
    def of_agent(self, agent: str, began: datetime) -> CallRecord | None: ...

    def of_voter(self, voter: int, limit: int) -> list[CallRecord]: ...

    def of_case(self, case: str, limit: int) -> list[CallRecord]: ...


class CallBackRepository(VersionedRowRepository[CallBack], Protocol):
    def waiting(self, origin: CallBackOrigin, limit: int) -> list[CallBack]: ...

    def waiting_for(self, voter: int) -> list[CallBack]: ...

    def waiting_for_case(self, case: str) -> list[CallBack]: ...


class HandOverRepository(VersionedRowRepository[HandOver], Protocol):
    def waiting_for(self, agent: str, limit: int) -> list[HandOver]: ...
