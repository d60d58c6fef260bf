"""Voters, as the roll knows them and as the desk finds them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.text import Language


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the roll and where their access stands.

    `epoch` counts the changes that end what was given out before (a new password, a freeze, a new address,
    leaving the roll): a link or a session of a former epoch is dead.
    """

    id: int
    email: str
    last_name: str
    first_name: str
    language: Language
    epoch: int
    pseudonym: bytes
    """Who they are to the voting platform (`core.pseudonyms`)."""
    password: str | None = None
    """The argon2id hash."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the roll as a list shows them, to be told from others of the same name."""

    voter: int
    email: str
    last_name: str
    first_name: str
    academie: str | None
    phone_ending: str | None
    frozen: datetime | None


class Sought(msgspec.Struct, frozen=True):
    """Who was found; `more` when there are others, or may be."""

    found: tuple[Listed, ...]
    more: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A line of the roll as it is stored: what identifies a person is a keyed digest, never the value."""

    email: str
    last_name: str
    first_name: str
    birth_date_digest: bytes
    numen_digest: bytes
    pseudonym: bytes
    phone_digest: bytes | None
    phone_ending: str | None
    academie: str | None
    language: Language
    first_verifier: str | None


class Voters(Protocol):
    """The roll and its accesses."""

    def by_address(self, key: str) -> Voter | None:
        """The voter with that address on the present roll; someone removed is not found."""

    def by_id(self, voter: int) -> Voter | None:
        """That voter, removed or not."""

    def lock(self, voter: int) -> None:
        """Makes other transactions that lock the same voter wait for the end of this one."""

    def choose_password(self, voter: int, password: str, *, epoch: int, at: datetime) -> None:
        """Sets the hash and begins a new epoch. Raises Moved if `epoch` is no longer the voter's."""

    def rehash(self, voter: int, password: str, *, epoch: int) -> None:
        """The same password under today's parameters; the epoch stays. Raises Moved."""

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Freezes and begins a new epoch. Raises Moved."""

    def unfreeze(self, voter: int, *, epoch: int) -> None:
        """Opens again, without a password, and begins a new epoch. Raises Moved.

        Whoever made the account be frozen may have chosen the password: it must not come back into force.
        """

    def frozen(self, limit: int) -> list[Listed]:
        """Those of the present roll whose account is frozen, the latest first."""

    def matches(self, voter: int, *, birth_date: bytes, numen: bytes) -> bool:
        """Whether both digests are those of that voter; the same work whichever is wrong."""

    def first_verifier(self, voter: int) -> str | None:
        """What the roll brought of their first identifier, as it is written there (`core.identifiers`)."""


class Directory(Protocol):
    """The present roll, as it is searched."""

    def listed(self, voter: int) -> Listed | None:
        """That voter, if they are on the present roll."""

    def named(self, beginnings: Sequence[str], *, limit: int) -> Sought:
        """Those who have a name beginning with each of these folded words (core.names), exact ones first."""

    def addressed(self, beginning: str, *, limit: int) -> Sought:
        """Those whose address begins so, in the order of addresses."""


class Roll(Protocol):
    """The electoral roll as a whole, for its import. What adds or corrects raises Duplicate; nothing of it is kept then."""

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Every line of the present roll, with its voter."""

    def leavers(self) -> Iterator[tuple[int, Entry]]:
        """The line of everyone who left it, with their voter; whoever left last comes first."""

    def add(self, entries: Iterable[Entry]) -> None:
        """New voters, read as they are written."""

    def correct(self, corrections: Iterable[tuple[int, Entry]]) -> None:
        """Corrected lines, read as they are written, each of the NUMEN it was of; a changed address begins a new epoch."""

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Takes voters off the roll, keeping their record, and begins a new epoch."""

    def restore(self, voters: Mapping[int, str]) -> None:
        """Puts leavers back at these addresses, with the rest of their line and all that hangs on them as it was."""
