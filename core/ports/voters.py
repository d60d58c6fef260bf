from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.text.text import Language


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    email: str
    last_name: str
    first_name: str
    language: Language
    epoch: int
    """A number that increases to invalidate the voter's links and sessions, for example after a new password."""
    pseudonym: bytes
    password: str | None = None
    """The argon2id hash of the voter's password, or None if the voter has no password."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None
    reopened: datetime | None = None
    """The time at which the helpdesk last unfroze the account. Older notices can no longer freeze it."""


class VoterListEntry(msgspec.Struct, frozen=True, kw_only=True):
    voter: int
    email: str
    last_name: str
    first_name: str
    academie: str | None
    phone_ending: str | None
    frozen: datetime | None


class VotersFound(msgspec.Struct, frozen=True):
    found: tuple[VoterListEntry, ...]
    more: bool


class RollEntry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A line of the electoral roll. Birth dates, NUMENs and phone numbers are stored only as keyed digests."""

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
    def by_address(self, key: str) -> Voter | None: ...

    def by_id(self, voter: int) -> Voter | None:
        """Return the voter with this id, even if the voter was removed from the electoral roll."""

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        """Return the voters on the current electoral roll who have one of these pseudonyms. Reads the whole roll."""

    def require_epoch(self, voter: int, epoch: int) -> None:
        """Raise ConflictError, now or on commit, if the voter's epoch has changed. Takes no lock."""

    def lock(self, voter: int) -> None: ...

    def lock_without_waiting(self, voter: int) -> bool:
        """Lock the voter's row, or return False if another transaction has locked it."""

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        """Store the hash of the voter's new password and begin a new epoch. Raises ConflictError.

        Returns a digest of the hash for the journal.
        """

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        """Store a new hash of the voter's unchanged password, without a new epoch. Raises ConflictError.

        Returns a digest of the hash for the journal.
        """

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None: ...

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Unfreeze the account and delete the password, as an attacker may have chosen it. Begins a new epoch."""

    def frozen(self, limit: int) -> list[VoterListEntry]: ...

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        """Return whether both digests match. Both are always compared, so the time reveals nothing."""

    def first_verifier(self, voter: int) -> str | None: ...


class VoterDirectory(Protocol):
    def on_roll(self, voter: int) -> VoterListEntry | None: ...

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        """Return the voters whose names contain words that start with `beginnings`. Exact matches come first.

        If given, each word of `academie` must begin a word of the voter's académie. `phone_ending` contains the last
        digits of the phone number.
        """

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Return the candidates with which a name on the electoral roll starts, in their original order."""

    def academies(self, limit: int) -> tuple[str, ...]: ...

    def frequent_domains(self, minimum: int) -> tuple[str, ...]:
        """Return the domains that occur in the addresses of at least `minimum` voters. Reads the whole roll."""

    def by_email(self, beginning: str, *, limit: int) -> VotersFound: ...


class Roll(Protocol):
    """Reads and changes the whole electoral roll during an import.

    Methods that write an address raise DuplicateVoterError. Methods that change existing rows raise TamperedRowsError.
    """

    def lock(self) -> None:
        """Block other imports until the transaction ends. Voters can still use the site."""

    def entries(self) -> Iterator[tuple[int, RollEntry]]: ...

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        """Yield (voter id, line) pairs for the voters who were removed from the roll, most recent first."""

    def add(self, entries: Iterable[RollEntry]) -> None: ...

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        """Write corrected lines of the roll. A changed address begins a new epoch; the NUMEN must not change.

        The caller must ensure that no voter on the roll has one of the new addresses.
        """

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Mark voters as removed from the roll and begin a new epoch for each of them. Their data is kept."""

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None: ...

    def digest(self) -> str:
        """Return a keyed digest of all imported data, including the data of removed voters."""
