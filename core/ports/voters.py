"""Voters, their search, and the roll."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.text.text import Language


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
    """The voting platform's name for them (`core.security.digests`)."""
    password: str | None = None
    """The argon2id hash."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None
    reopened: datetime | None = None
    """The time at which the desk last reopened the account: notices of earlier changes freeze it no more."""


class VoterListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A voter as a list shows them, distinguishable from others of the same name."""

    voter: int
    email: str
    last_name: str
    first_name: str
    academie: str | None
    phone_ending: str | None
    frozen: datetime | None


class VotersFound(msgspec.Struct, frozen=True):
    """The voters found. `more` is set when there are others, or may be."""

    found: tuple[VoterListEntry, ...]
    more: bool


class RollEntry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A line of the roll as it is stored: what identifies a person is a keyed digest, never the value."""

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
        """Return the voter with that address on the present roll. Removed ones are not found."""

    def by_id(self, voter: int) -> Voter | None:
        """Return that voter, removed or not."""

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        """Return the voters of the present roll who have those pseudonyms. Reads the whole roll."""

    def require_epoch(self, voter: int, epoch: int) -> None:
        """Raise ConflictError, by the end of the transaction, unless that voter is in that epoch now. Nobody waits for it."""

    def lock(self, voter: int) -> None:
        """Make other transactions that lock the same voter wait for the end of this one."""

    def lock_without_waiting(self, voter: int) -> bool:
        """Lock a voter unless another transaction has. Returns whether the voter is locked."""

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        """Set the hash and begin a new epoch; return its keyed digest for the journal. Raises ConflictError if `epoch` is old."""

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        """Store the same password hashed with today's parameters; the epoch stays. Returns and raises as `set_password_hash`."""

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Freeze the account and begin a new epoch. Raises ConflictError."""

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Unfreeze the account, remove its password, note when, and begin a new epoch. Raises ConflictError.

        Whoever made the account be frozen may have chosen the password: it must not come back into force.
        """

    def frozen(self, limit: int) -> list[VoterListEntry]:
        """Return the voters of the present roll whose account is frozen, the latest first."""

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        """Return whether both digests are those of that voter. The work is the same whichever is wrong."""

    def first_verifier(self, voter: int) -> str | None:
        """Return the verifier of their first identifier as the roll gave it (`core.security.voting_identifiers`)."""


class VoterDirectory(Protocol):
    """The search of the present roll."""

    def on_roll(self, voter: int) -> VoterListEntry | None:
        """Return that voter, if they are on the present roll."""

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        """Return voters with a name for each of these folded beginnings (core.forms.name_words), exact ones first.

        Their académie has a word for each beginning in `academie`, and their phone number ends with `phone_ending`.
        """

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Return those folded words, in their order, with which a name of the present roll begins."""

    def academies(self, limit: int) -> tuple[str, ...]:
        """Return the names of the académies as the roll writes them, each once, sorted."""

    def by_email(self, beginning: str, *, limit: int) -> VotersFound:
        """Return voters whose address begins so, in the order of addresses."""


class Roll(Protocol):
    """The whole electoral roll, for its import.

    Nothing is kept when `add`, `correct` or `restore_removed_voters` raises DuplicateVoterError, or `correct`, `restore_removed_voters` or `remove` TamperedRowsError.
    """

    def lock(self) -> None:
        """Make other transactions that lock the roll wait for the end of this one; voters go on."""

    def entries(self) -> Iterator[tuple[int, RollEntry]]:
        """Return every line of the present roll, with its voter."""

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        """Return the line of everyone who left it, with their voter, the last to leave first."""

    def add(self, entries: Iterable[RollEntry]) -> None:
        """Add voters, read while they are written."""

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        """Write corrected lines, read meanwhile, in any order; a changed address begins a new epoch, the NUMEN never changes.

        An address must be free before the first line is written, even if a later line would free it.
        """

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Take voters off the roll, keep their record, and begin a new epoch."""

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None:
        """Put removed voters back on the roll at these addresses, with everything else as it was."""

    def digest(self) -> str:
        """Return the keyed digest of all that imports have written, leavers included."""
