"""What one voter has open: recoveries, links, sessions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.voters import Voter


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """A case: one run of a flow. `state` is a value of that flow's union; `handle` is the digest of the browser's id."""

    handle: bytes
    number: str
    flow: str
    state: object
    began: datetime
    version: int = 0


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a link leads: an index from a token's digest to its case, and whether it was opened."""

    digest: bytes
    case: str
    voter: int
    epoch: int
    expires: datetime
    opened: datetime | None = None
    used: datetime | None = None


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser. Valid while `expires` is ahead and `epoch` is the voter's."""

    digest: bytes
    voter: int
    epoch: int
    expires: datetime


class HeldLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link in someone's hand: whose it is, and the case it belongs to, as they stand in one instant."""

    record: LinkRecord
    case: Recovery
    voter: Voter


class HeldSession(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser, and its voter in the same instant."""

    record: SessionRecord
    voter: Voter


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a link would reach, and how many of their links would work already."""

    voter: Voter
    alive: int


class Recoveries(Protocol):
    """The cases."""

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        """Keeps a new case; False if its number is taken and another must be drawn. `voter`, if it is known whose."""

    def by_handle(self, handle: bytes) -> Recovery | None:
        """The case a browser holds."""

    def by_number(self, number: str) -> Recovery | None:
        """The case of that number."""

    def by_numbers(self, numbers: Sequence[str]) -> Mapping[str, Recovery]:
        """The cases of those numbers, by their numbers."""

    def latest(self, voter: int, flow: str) -> Recovery | None:
        """The last case that a voter began in that flow."""

    def of_voter(self, voter: int, limit: int) -> list[Recovery]:
        """The cases known to be that voter's, the latest first."""

    def in_flow(self, flow: str) -> Iterator[Recovery]:
        """Every case of that flow."""

    def voter_of(self, number: str) -> int | None:
        """Whose case that is, as far as the courier or the desk has found out."""

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        """Writes the new state if the version is still `recovery.version`. Raises Moved."""


class Links(Protocol):
    """The index of links."""

    def add(self, link: LinkRecord, *, most: int, now: datetime) -> None:
        """Remembers a link. Raises Moved if its epoch is no longer the voter's, or if so many of theirs would work now.

        The count is exact for whoever has locked the voter.
        """

    def find(self, digest: bytes) -> HeldLink | None:
        """Where that link leads."""

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        """How many links of that voter would work now."""

    def readers(self, addresses: Sequence[str], now: datetime) -> Mapping[str, Reader]:
        """Who has those addresses on the present roll, by their addresses."""

    def observe(self, digest: bytes, at: datetime) -> bool:
        """Writes the first opening; True if this was it."""

    def use(self, digest: bytes, at: datetime) -> None:
        """Writes that a password was chosen with it, for whoever opens it later."""


class Sessions(Protocol):
    """Signed-in browsers."""

    def open(self, session: SessionRecord) -> None:
        """Begins one."""

    def find(self, digest: bytes) -> HeldSession | None:
        """The one with that digest, whatever its expiry."""

    def close(self, digest: bytes) -> None:
        """Ends one; unknown ones too."""
