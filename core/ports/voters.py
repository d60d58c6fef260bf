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
    """A number that is increased to make the voter's links and sessions invalid, for example after a new password."""
    pseudonym: bytes
    password: str | None = None
    """The argon2id hash of the voter's password, or None if the voter has no password."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None
    reopened: datetime | None = None
    """The time at which the helpdesk last unfroze the account.

    Links in notices about earlier changes can no longer freeze the account.
    """


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
    """A line of the electoral roll. Birth dates, NUMENs and phone numbers are kept only as keyed digests."""

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
        """Return the voter with this id. Also finds voters who were removed from the electoral roll."""

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        """Return the voters on the electoral roll who have one of these pseudonyms. Reads the whole roll."""

    def require_epoch(self, voter: int, epoch: int) -> None:
        """Raise ConflictError, now or at the commit, if the voter's epoch has changed. Locks nothing."""

    def lock(self, voter: int) -> None: ...

    def lock_without_waiting(self, voter: int) -> bool:
        """Lock the voter's row, or return False if another transaction has locked it."""

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        """Store the hash of a new password and begin a new epoch. Raises ConflictError.

        Returns a digest of the hash for the journal.
        """

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        """Store a new hash of the same password without beginning a new epoch. Raises ConflictError.

        Returns a digest of the hash for the journal.
        """

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None: ...

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Unfreeze the account and begin a new epoch. Deletes the password, because an attacker may have chosen it."""

    def frozen(self, limit: int) -> list[VoterListEntry]: ...

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        """Return whether both digests are those of the voter.

        Always compares both, so that the response time does not reveal which one is wrong.
        """

    def first_verifier(self, voter: int) -> str | None: ...


class VoterDirectory(Protocol):
    def on_roll(self, voter: int) -> VoterListEntry | None: ...

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        """Return the voters whose names contain words that start with `beginnings`. Exact matches come first.

        If `academie` or `phone_ending` is given, only voters in this académie or with a phone number that ends with
        these digits are returned.
        """

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Return the candidates with which at least one name on the electoral roll begins.

        Keeps the order of the candidates.
        """

    def academies(self, limit: int) -> tuple[str, ...]: ...

    def frequent_domains(self, minimum: int) -> tuple[str, ...]:
        """Return the domains that occur in the addresses of at least `minimum` voters. Reads the whole roll."""

    def by_email(self, beginning: str, *, limit: int) -> VotersFound: ...


class Roll(Protocol):
    """Reads and changes the whole electoral roll during an import.

    Methods that write an address raise DuplicateVoterError. Methods that change rows raise TamperedRowsError.
    """

    def lock(self) -> None:
        """Block other imports until the transaction ends. Voters can still use the site."""

    def entries(self) -> Iterator[tuple[int, RollEntry]]: ...

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        """Yield (voter id, line) pairs for voters who were removed from the roll.

        The voter who was removed last comes first.
        """

    def add(self, entries: Iterable[RollEntry]) -> None: ...

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        """Write corrected lines of the roll. A correction must not change the NUMEN.

        If a correction changes the address, a new epoch begins. The caller must ensure that no other voter on the roll
        has one of the new addresses.
        """

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Mark voters as removed from the roll, and begin a new epoch for each voter. Keeps their data."""

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None: ...

    def digest(self) -> str:
        """Return a keyed digest of all imported data, including the data of removed voters."""
