from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.ports.voters import Voter


class RecoveryCase(msgspec.Struct, frozen=True, kw_only=True):
    """A voter's progress through one flow, such as password recovery."""

    handle: bytes
    """Digest of the random id that the voter's browser keeps for this case."""
    number: str
    flow: str
    state: object
    began: datetime
    version: int = 0


class LinkKind(StrEnum):
    PASSWORD = "password"
    CONFIRMATION = "confirmation"


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    digest: bytes
    case: str
    voter: int
    epoch: int
    expires: datetime
    kind: LinkKind = LinkKind.PASSWORD
    opened: datetime | None = None
    used: datetime | None = None


class SignInSession(msgspec.Struct, frozen=True, kw_only=True):
    """A voter's sign-in session. It ends at `expires`, or earlier if the voter's epoch changes."""

    digest: bytes
    voter: int
    epoch: int
    expires: datetime


class FoundLink(msgspec.Struct, frozen=True, kw_only=True):
    record: LinkRecord
    case: RecoveryCase
    voter: Voter


class FoundSession(msgspec.Struct, frozen=True, kw_only=True):
    record: SignInSession
    voter: Voter


class CaseRepository(Protocol):
    def add(self, recovery: RecoveryCase, *, voter: int | None = None) -> bool:
        """Add a case. Return False if another case has the same number or handle."""

    def by_handle(self, handle: bytes) -> RecoveryCase | None: ...

    def by_number(self, number: str) -> RecoveryCase | None: ...

    def latest(self, voter: int, flow: str) -> RecoveryCase | None: ...

    def of_voter(self, voter: int, limit: int) -> list[RecoveryCase]: ...

    def all_of_flow(self, flow: str) -> Iterator[RecoveryCase]: ...

    def voter_of(self, number: str) -> int | None: ...

    def update_state(self, recovery: RecoveryCase, state: object, *, voter: int | None = None) -> None: ...


class EmailedLinkRepository(Protocol):
    def add(self, link: LinkRecord) -> None:
        """Store a link. Raises ConflictError if the voter's epoch is no longer `link.epoch`."""

    def find(self, digest: bytes) -> FoundLink | None: ...

    def count_valid_links(self, voter: int, *, epoch: int, now: datetime) -> int: ...

    def record_if_first_opening(self, digest: bytes, at: datetime) -> bool: ...

    def record_use(self, digest: bytes, at: datetime) -> None: ...


class SignInSessionRepository(Protocol):
    def open(self, session: SignInSession) -> None: ...

    def find(self, digest: bytes) -> FoundSession | None: ...

    def close(self, digest: bytes) -> None: ...
