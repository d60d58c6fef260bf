from collections.abc import Iterator
from typing import Protocol

import msgspec


class ReissueOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order to the voting platform to accept a new identifier. It contains only a verifier of the identifier."""

    voter: str
    """The voter's pseudonym, which we and the platform derive from the shared key."""
    request: str
    generation: int
    """The number of the new identifier. It is one more than the number of the current identifier."""
    salt: bytes
    verifier: bytes
    revokes: bool = False
    """True if the only purpose is to revoke the current identifier.

    The order then contains a replacement that nobody receives.
    """


class FreezeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to freeze or unfreeze a voter's account. The order with the highest `sequence` wins."""

    voter: str
    frozen: bool
    sequence: int


class PlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    voter: str
    generation: int
    frozen: bool


class OrderCarriedOut(msgspec.Struct, frozen=True):
    """The result when the voting platform has carried out an order."""


class GenerationConflict(msgspec.Struct, frozen=True):
    """The result when the number of the new identifier does not follow the current number. Nothing was changed."""

    generation: int


class OrderDenied(msgspec.Struct, frozen=True):
    """The result when the voting platform has refused an order permanently. Nothing was changed."""

    reason: str


class PlatformOutcomeUnknown(msgspec.Struct, frozen=True):
    """The result when the voting platform gave no valid answer, so that the order may have been carried out."""

    reason: str


class VotingPlatform(Protocol):
    """The platform on which voters vote. It is safe to send an order twice. Every call has a time-out."""

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """Activate a new identifier and revoke the former one, in a single step."""

    def set_freeze(self, order: FreezeOrder) -> OrderCarriedOut | OrderDenied | PlatformOutcomeUnknown: ...

    def accounts(self) -> Iterator[PlatformAccount]: ...


class PlatformUnreachable(Exception):
    """Raised when the voting platform gave no valid answer. The exception's message is written for operators."""


class EmbeddedPlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    voter: str
    generation: int = 0
    salt: bytes = b""
    verifier: bytes = b""
    request: str = ""
    frozen: bool = False
    sequence: int = 0
    version: int = 0


class EmbeddedPlatformTable(Protocol):
    def find(self, voter: str) -> EmbeddedPlatformAccount | None: ...

    def save(self, account: EmbeddedPlatformAccount) -> None: ...

    def accounts(self) -> Iterator[PlatformAccount]: ...
