"""The recoveries, links and sessions of voters."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.ports.voters import Voter


class RecoveryCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case: one run of a flow. `handle` is the digest of the browser's id, `state` a value of that flow's union."""

    handle: bytes
    number: str
    flow: str
    state: object
    began: datetime
    version: int = 0


class LinkKind(StrEnum):
    """Purposes of a link."""

    PASSWORD = "password"
    """Choose a password."""
    CONFIRMATION = "confirmation"
    """Confirm the request of a new identifier."""


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A link's token digest, its case, and whether it was opened or used."""

    digest: bytes
    case: str
    voter: int
    epoch: int
    expires: datetime
    kind: LinkKind = LinkKind.PASSWORD
    opened: datetime | None = None
    used: datetime | None = None


class SignInSession(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser. Valid while `expires` is ahead and `epoch` is the voter's."""

    digest: bytes
    voter: int
    epoch: int
    expires: datetime


class FoundLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link with its case and its voter, read at one instant."""

    record: LinkRecord
    case: RecoveryCase
    voter: Voter


class FoundSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session with its voter, read at one instant."""

    record: SignInSession
    voter: Voter


class CaseRepository(Protocol):
    def add(self, recovery: RecoveryCase, *, voter: int | None = None) -> bool:
        """Add a case, of `voter` if that is known. Return False if its number or its handle is taken."""

    def by_handle(self, handle: bytes) -> RecoveryCase | None:
        """Return the case whose handle a browser holds."""

    def by_number(self, number: str) -> RecoveryCase | None:
        """Return the case of that number."""

    def latest(self, voter: int, flow: str) -> RecoveryCase | None:
        """Return the last case that a voter began in that flow."""

    def of_voter(self, voter: int, limit: int) -> list[RecoveryCase]:
        """Return the cases known to be that voter's, the latest first."""

    def all_of_flow(self, flow: str) -> Iterator[RecoveryCase]:
        """Return every case of that flow."""

    def voter_of(self, number: str) -> int | None:
        """Return whose case that is, as far as the courier or the desk has found out."""

    def update_state(self, recovery: RecoveryCase, state: object, *, voter: int | None = None) -> None:
        """Write the new state. Raises ConflictError unless the version is still `recovery.version`."""


class EmailedLinkRepository(Protocol):
    """The links, by the digest of their token."""

    def add(self, link: LinkRecord) -> None:
        """Add a link. Raises ConflictError if its epoch is no longer the voter's."""

    def find(self, digest: bytes) -> FoundLink | None:
        """Return the link of that digest with its case and voter."""

    def count_valid_links(self, voter: int, *, epoch: int, now: datetime) -> int:
        """Count the links to a password of that voter that work now."""

    def record_if_first_opening(self, digest: bytes, at: datetime) -> bool:
        """Record the first opening. Return whether this was it."""

    def record_use(self, digest: bytes, at: datetime) -> None:
        """Record that it was used, for whoever opens it later."""


class SignInSessionRepository(Protocol):
    """Signed-in browsers."""

    def open(self, session: SignInSession) -> None:
        """Add a session."""

    def find(self, digest: bytes) -> FoundSession | None:
        """Return the session of that digest, expired or not."""

    def close(self, digest: bytes) -> None:
        """Remove the session of that digest, if there is one."""
