"""Voters, searching them, and the roll."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.text.text import Language


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the roll, and the state of their access.

    `epoch` increases when former links and sessions must become invalid: a new password, a freeze, a new address,
    leaving the roll.
    """

    id: int
    email: str
    last_name: str
    first_name: str
    language: Language
    epoch: int
    pseudonym: bytes
    """The voter's pseudonym on the voting platform (`core.security.digests`)."""
    password: str | None = None
    """argon2id hash."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None
    reopened: datetime | None = None
    """The time at which the desk last reopened the account. Notices of earlier changes can no longer freeze it."""


class VoterListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A voter in a list, with enough details to distinguish people with the same name."""

    voter: int
    email: str
    last_name: str
    first_name: str
    academie: str | None
    phone_ending: str | None
    frozen: datetime | None


class VotersFound(msgspec.Struct, frozen=True):
    """The voters found. `more` is True if there are, or may be, others."""

    found: tuple[VoterListEntry, ...]
    more: bool


class RollEntry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A stored line of the roll. Identifying values are stored as keyed digests only."""

    email: str
    last_name: str
    first_name: str
    birth_date_digest: bytes
    numen_digest: bytes
    pseudonym: bytes
    phone_digest: bytes | None
    phone_ending: str | None
    academie: str | None = None
    language: Language = Language.FRENCH
    first_verifier: str | None = None


class VoterAccountRepository(Protocol):
    def by_address(self, key: str) -> Voter | None:
        """Return the voter with that address on the current roll. Ignores removed voters."""

    def by_id(self, voter: int) -> Voter | None:
        """Return that voter, removed or not."""

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        """Return the voters on the current roll with those pseudonyms. Reads the whole roll."""

    def require_epoch(self, voter: int, epoch: int) -> None:
        """Raise ConflictError, at the latest on commit, unless the voter is in that epoch. Takes no lock."""

    def lock(self, voter: int) -> None:
        """Lock a voter until the end of the transaction."""

    def lock_without_waiting(self, voter: int) -> bool:
        """Lock a voter unless another transaction has. Return whether the voter is locked."""

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        """Set the hash and begin a new epoch.

        Return its keyed digest for the journal. Raises ConflictError if `epoch` is old.
        """

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        """Store the same password hashed with the current parameters, in the same epoch.

        Returns and raises like `set_password_hash`.
        """

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None: ...

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Unfreeze the account, remove its password, record the time and begin a new epoch. Raises ConflictError.

        The password is removed because an attacker may have chosen it.
        """

    def frozen(self, limit: int) -> list[VoterListEntry]:
        """Return the frozen voters of the current roll, latest first."""

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        """Return whether both digests match the voter's. Does the same work whichever is wrong."""

    def first_verifier(self, voter: int) -> str | None:
        """Return the verifier of the voter's first identifier from the roll (`core.security.voting_identifiers`)."""


class VoterDirectory(Protocol):
    """Search in the current roll."""

    def on_roll(self, voter: int) -> VoterListEntry | None:
        """Return that voter if they are on the current roll."""

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        """Return voters with a name for each of these folded prefixes (core.forms.name_words), exact matches first.

        Each prefix in `academie` must begin a word of their académie, and their phone number must end with
        `phone_ending`.
        """

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Return the candidates that begin a name on the current roll, in the same order."""

    def academies(self, limit: int) -> tuple[str, ...]:
        """Return the distinct académies as written in the roll, sorted."""

    def by_email(self, beginning: str, *, limit: int) -> VotersFound:
        """Return voters whose address starts with `beginning`, sorted by address."""


class Roll(Protocol):
    """The whole electoral roll, for its import.

    `add`, `correct` and `restore_removed_voters` raise DuplicateVoterError; `correct`, `restore_removed_voters` and
    `remove` raise TamperedRowsError. The transaction must then be rolled back.
    """

    def lock(self) -> None:
        """Lock the roll until the end of the transaction. Voters can still use the service."""

    def entries(self) -> Iterator[tuple[int, RollEntry]]:
        """Yield every line of the current roll with its voter id."""

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        """Yield the line of every removed voter with their id, last removed first."""

    def add(self, entries: Iterable[RollEntry]) -> None:
        """Add voters. `entries` is consumed while writing."""

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        """Write corrected lines, in any order. A changed address begins a new epoch; NUMENs never change.

        A new address must be free before the first line is written, even if a later line would free it.
        """

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Remove voters from the roll, keep their record, and begin a new epoch."""

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None:
        """Put removed voters back on the roll at these addresses. All else is unchanged."""

    def digest(self) -> str:
        """Return the keyed digest of everything that imports have written, removed voters included."""
