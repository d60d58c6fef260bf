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
    """Increasing this number ends the voter's links and sessions."""
    pseudonym: bytes
    password: str | None = None
    """The argon2id hash of the voter's password, or None."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None
    reopened: datetime | None = None
    """Time of the last unfreezing. Links in older emails can no longer freeze the account."""


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
    """A line of the electoral roll. Birth date, NUMEN and phone are keyed digests."""

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
        """Return the voter with this id, even if removed from the electoral roll."""

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        """Return the voters on the roll who have these pseudonyms. Reads the whole roll."""

    def require_epoch(self, voter: int, epoch: int) -> None:
        """Check without locking that the voter's epoch is unchanged.

        Raises ConflictError, either now or when the transaction commits.
        """

    def lock(self, voter: int) -> None: ...

    def lock_without_waiting(self, voter: int) -> bool:
        """Lock the voter's row, or return False if another transaction has locked it."""

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        """Store a hash and begin a new epoch. Returns the hash's digest. Raises ConflictError."""

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        """Store a new hash of the same password. Returns the hash's digest. Raises ConflictError."""

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None: ...

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Unfreeze the account, delete its password and begin a new epoch."""

    def frozen(self, limit: int) -> list[VoterListEntry]: ...

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        """Return whether both digests belong to the voter. Always compares both, to prevent timing attacks."""

    def first_verifier(self, voter: int) -> str | None: ...


class VoterDirectory(Protocol):
    def on_roll(self, voter: int) -> VoterListEntry | None: ...

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        """Find voters by the beginnings of their names. Exact matches come first."""

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Return those candidates that a name on the roll starts with, in the given order."""

    def academies(self, limit: int) -> tuple[str, ...]: ...

    def frequent_domains(self, minimum: int) -> tuple[str, ...]:
        """Return the email domains that at least `minimum` voters use."""

    def by_email(self, beginning: str, *, limit: int) -> VotersFound: ...


class Roll(Protocol):
    """Reads and changes the electoral roll during an import. Raises DuplicateVoterError, TamperedRowsError."""

    def lock(self) -> None:
        """Block other imports, but not voters, until the transaction ends."""

    def entries(self) -> Iterator[tuple[int, RollEntry]]: ...

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        """Yield (voter id, line) pairs of removed voters, most recently removed first."""

    def add(self, entries: Iterable[RollEntry]) -> None: ...

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        """Replace lines of the roll. The NUMEN must stay the same. If the address changes, a new epoch begins.

        The caller must ensure that new addresses are unique on the roll.
        """

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Mark voters as removed and begin new epochs. Their data is kept."""

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None: ...

    def digest(self) -> str:
        """Return a keyed digest of all imported data, including removed voters."""
