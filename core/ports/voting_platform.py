"""The voting platform: the orders it takes, its answers, and the accounts that the embedded one keeps."""

from collections.abc import Iterator
from typing import Protocol

import msgspec


class ReissueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order of a new identifier to the platform, without the identifier. `generation` follows the one in force.

    `voter` is a pseudonym that both sides derive; `request` makes repeating it harmless.
    """

    voter: str
    request: str
    generation: int
    salt: bytes
    verifier: bytes


class FreezeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to freeze or free a voter's identifier. Of two orders, the one with the higher `sequence` counts."""

    voter: str
    frozen: bool
    sequence: int


class PlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A voter's account on the platform."""

    voter: str
    generation: int
    frozen: bool


class OrderCarriedOut(msgspec.Struct, frozen=True):
    """The platform has done it, now or at an earlier try."""


class GenerationConflict(msgspec.Struct, frozen=True):
    """The platform has another generation than the one before ours; nothing was done."""

    generation: int


class OrderDenied(msgspec.Struct, frozen=True):
    """The platform refuses for good; nothing was done."""

    reason: str


class PlatformOutcomeUnknown(msgspec.Struct, frozen=True):
    """The platform did not answer as it should; nobody knows whether it did anything."""

    reason: str


class VotingPlatform(Protocol):
    """The platform on which identifiers are typed to vote. Orders may be repeated; each call has a time-out."""

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """Put an identifier in force; the former one dies in the same instant, or nothing happens (CASE 32)."""

    def set_freeze(self, order: FreezeOrder) -> OrderCarriedOut | OrderDenied | PlatformOutcomeUnknown:
        """Freeze or free a voter's identifier."""

    def accounts(self) -> Iterator[PlatformAccount]:
        """Yield every account. Raises PlatformUnreachable."""


class PlatformUnreachable(Exception):
    """The platform does not answer as it should. The message is for operators."""


class EmbeddedPlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the embedded platform. `sequence` orders the freezes; `version` serves the compare-and-swap."""

    voter: str
    generation: int = 0
    salt: bytes = b""
    verifier: bytes = b""
    request: str = ""
    """The request that put this generation in force."""
    frozen: bool = False
    sequence: int = 0
    version: int = 0


class EmbeddedPlatformTable(Protocol):
    def find(self, voter: str) -> EmbeddedPlatformAccount | None:
        """Return the account of that pseudonym, if there is one."""

    def save(self, account: EmbeddedPlatformAccount) -> None:
        """Write the account if its version follows the stored one's, or is 1 and none is stored. Raises ConflictError."""

    def accounts(self) -> Iterator[PlatformAccount]:
        """Yield every account."""
