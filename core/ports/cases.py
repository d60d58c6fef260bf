from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.ports.voters import Voter


class RecoveryCase(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a flow. `handle` is the digest of the browser's id, `state` a member of the flow's state union."""

    handle: bytes
    number: str
    flow: str
    state: object
    began: datetime
    version: int = 0


class LinkKind(StrEnum):
    """What a link allows: to choose a password, or to confirm the request for a new identifier."""

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
    """A signed-in browser. The session is valid until `expires`, while `epoch` equals the voter's epoch."""

    digest: bytes
    voter: int
    epoch: int
    expires: datetime


class FoundLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link with its case and voter, read in one snapshot."""

    record: LinkRecord
    case: RecoveryCase
    voter: Voter


class FoundSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session with its voter, read in one snapshot."""

    record: SignInSession
    voter: Voter


class CaseRepository(Protocol):
    def add(self, recovery: RecoveryCase, *, voter: int | None = None) -> bool:
        """Add a case, of `voter` if known. Return False if its number or handle is taken."""

    def by_handle(self, handle: bytes) -> RecoveryCase | None: ...

    def by_number(self, number: str) -> RecoveryCase | None: ...

    def latest(self, voter: int, flow: str) -> RecoveryCase | None:
        """Return the latest case that the voter began in that flow."""

    def of_voter(self, voter: int, limit: int) -> list[RecoveryCase]:
        """Return the voter's known cases, latest first."""

    def all_of_flow(self, flow: str) -> Iterator[RecoveryCase]: ...

    def voter_of(self, number: str) -> int | None: ...

    def update_state(self, recovery: RecoveryCase, state: object, *, voter: int | None = None) -> None:
        """Write the new state. Raises ConflictError unless the stored version is still `recovery.version`."""


class EmailedLinkRepository(Protocol):
    """Emailed links, found by the digest of their token."""

    def add(self, link: LinkRecord) -> None:
        """Add a link. Raises ConflictError if its epoch is no longer the voter's epoch."""

    def find(self, digest: bytes) -> FoundLink | None:
        """Return the link with its case and voter."""

    def count_valid_links(self, voter: int, *, epoch: int, now: datetime) -> int:
        """Count the voter's password links that are valid now."""

    def record_if_first_opening(self, digest: bytes, at: datetime) -> bool:
        """Record the first opening. Return True if this was the first one."""

    def record_use(self, digest: bytes, at: datetime) -> None:
        """Record that the link was used."""


class SignInSessionRepository(Protocol):
    def open(self, session: SignInSession) -> None: ...

    def find(self, digest: bytes) -> FoundSession | None:
        """Return the session, expired or not."""

    def close(self, digest: bytes) -> None: ...
