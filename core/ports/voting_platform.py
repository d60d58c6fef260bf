from collections.abc import Iterator
from typing import Protocol

import msgspec


class ReissueOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order to accept a new identifier. It contains a verifier instead of the identifier itself."""

    voter: str
    """The voter's pseudonym. We and the platform derive it from the shared key."""
    request: str
    generation: int
    """Number of the new identifier, one more than the current one."""
    salt: bytes
    verifier: bytes
    revokes: bool = False
    """True if the order only serves to revoke the current identifier."""


class FreezeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to freeze or unfreeze an account. The highest `sequence` wins."""

    voter: str
    frozen: bool
    sequence: int


class PlatformAccount(msgspec.Struct, frozen=True, kw_only=True):
    voter: str
    generation: int
    frozen: bool


class OrderCarriedOut(msgspec.Struct, frozen=True):
    """The voting platform has carried out the order."""


class GenerationConflict(msgspec.Struct, frozen=True):
    """The new identifier's number does not follow the current number. Nothing was changed."""

    generation: int


class OrderDenied(msgspec.Struct, frozen=True):
    """The voting platform has refused the order permanently. Nothing was changed."""

    reason: str


class PlatformOutcomeUnknown(msgspec.Struct, frozen=True):
    """The platform gave no valid answer. The order may have been carried out."""

    reason: str


class VotingPlatform(Protocol):
    """The platform on which voters vote. Sending an order twice is safe."""

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """Activate a new identifier and revoke the former one, in a single step."""

    def set_freeze(self, order: FreezeOrder) -> OrderCarriedOut | OrderDenied | PlatformOutcomeUnknown: ...

    def accounts(self) -> Iterator[PlatformAccount]: ...


class PlatformUnreachable(Exception):
    """Raised when the platform gives no valid answer. The error text is for operators."""


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
