"""The voting platform: orders, results, and the accounts of the embedded platform."""

from collections.abc import Iterator
from typing import Protocol

import msgspec


class ReissueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order for a new identifier, sent to the platform without the identifier itself.

    `generation` is one above the generation in force. `voter` is a pseudonym that both sides derive. `request` makes
    the order idempotent.
    """

    voter: str
    request: str
    generation: int
    salt: bytes
    verifier: bytes


class FreezeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to freeze or unfreeze a voter's identifier. The order with the highest `sequence` wins."""

    voter: str
    frozen: bool
    sequence: int


class PlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    voter: str
    generation: int
    frozen: bool


class OrderCarriedOut(msgspec.Struct, frozen=True):
    """The platform carried out the order, now or at an earlier attempt."""


class GenerationConflict(msgspec.Struct, frozen=True):
    """The platform's generation is not the one before ours. Nothing was done."""

    generation: int


class OrderDenied(msgspec.Struct, frozen=True):
    """The platform refused permanently. Nothing was done."""

    reason: str


class PlatformOutcomeUnknown(msgspec.Struct, frozen=True):
    """The platform gave no valid answer, so the order may or may not have been carried out."""

    reason: str


class VotingPlatform(Protocol):
    """The platform on which voters type their identifiers. Orders may be repeated; every call has a time-out."""

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """Put an identifier in force and revoke the former one, atomically (CASE 32)."""

    def set_freeze(self, order: FreezeOrder) -> OrderCarriedOut | OrderDenied | PlatformOutcomeUnknown: ...

    def accounts(self) -> Iterator[PlatformAccount]:
        """Yield every account. Raises PlatformUnreachable."""


class PlatformUnreachable(Exception):
    """The platform gave no valid answer. The message is for operators."""


class EmbeddedPlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the embedded platform. `sequence` orders the freezes; `version` is for compare-and-swap."""

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
    def find(self, voter: str) -> EmbeddedPlatformAccount | None: ...

    def save(self, account: EmbeddedPlatformAccount) -> None:
        """Write the account if its version is one above the stored one (0 if none). Raises ConflictError."""

    def accounts(self) -> Iterator[PlatformAccount]: ...
