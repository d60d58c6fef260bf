"""The voting platform as we see it: what it is told, what it answers, and what it keeps where it is ourselves."""

from collections.abc import Iterator
from typing import Protocol

import msgspec


class Reissue(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform is told of a new identifier: never the identifier. `generation` follows the one in force.

    `voter` is a pseudonym that both sides derive; `request` makes repeating it harmless.
    """

    voter: str
    request: str
    generation: int
    salt: bytes
    verifier: bytes


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a voter's identifier is to be accepted. Of two, the one with the higher `sequence` counts."""

    voter: str
    frozen: bool
    sequence: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a voter stands on the platform."""

    voter: str
    generation: int
    frozen: bool


class Done(msgspec.Struct, frozen=True):
    """The platform did it, now or when it was first told."""


class Overtaken(msgspec.Struct, frozen=True):
    """The platform stands at another generation than the one before ours; nothing was done."""

    generation: int


class Denied(msgspec.Struct, frozen=True):
    """The platform refuses for good; nothing was done."""

    reason: str


class Away(msgspec.Struct, frozen=True):
    """The platform did not answer as it should; nobody knows whether it did anything."""

    reason: str


class VotingPlatform(Protocol):
    """Where identifiers are typed to vote. Repeating what was told is harmless; each call has a time-out."""

    @property
    def keeps_apart(self) -> bool:
        """Whether what it is told is kept elsewhere than here: then a power cut may take what we had written, and not that."""

    def reissue(self, reissue: Reissue) -> Done | Overtaken | Denied | Away:
        """Puts an identifier in force; in the same instant the former one is dead, or nothing happens (CASE 32)."""

    def hold(self, hold: Hold) -> Done | Denied | Away:
        """Freezes or frees a voter's identifier."""

    def standings(self) -> Iterator[Standing]:
        """Every voter it was ever told about. Raises PlatformAway."""


class PlatformAway(Exception):
    """The platform does not answer as it should. The message is for operators."""


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What the embedded voting platform keeps of a voter. `sequence` orders the freezes; `version` is for the swap."""

    voter: str
    generation: int = 0
    salt: bytes = b""
    verifier: bytes = b""
    request: str = ""
    """That put this generation in force."""
    frozen: bool = False
    sequence: int = 0
    version: int = 0


class Registry(Protocol):
    """The embedded voting platform's own table."""

    def find(self, voter: str) -> Registered | None:
        """What it knows of that pseudonym."""

    def keep(self, registered: Registered) -> None:
        """Writes it if its version is the one after the stored one's, or 1 and there is none. Raises Moved."""

    def standings(self) -> Iterator[Standing]:
        """Every voter it knows of."""
