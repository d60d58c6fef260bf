"""Voters: their access, their search and their import."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

import msgspec

from core.forms.name_words import search_words
from core.ports import Conflict, DuplicateVoter, RollEntry, Voter, VoterListEntry, VotersFound
from tests.support.memory.memory_state import MemoryPort


def credential_digest(voter: int, password: str) -> str:
    """Return what stands for the keyed digest of a credential."""
    return sha256(f"{voter} {password}".encode()).hexdigest()[:32]


class MemoryVoters(MemoryPort):
    """The port VoterAccountRepository."""

    def by_address(self, key: str) -> Voter | None:
        present = (voter for voter in self._state.voters.values() if voter.removed is None)
        return next((voter for voter in present if voter.email == key), None)

    def by_id(self, voter: int) -> Voter | None:
        return self._state.voters.get(voter)

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        return [each for each in self._state.voters.values() if each.removed is None and each.pseudonym in pseudonyms]

    def lock(self, voter: int) -> None:
        """Do nothing, because there is only one transaction at a time."""

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        self._swap(voter, epoch, password=password_hash, password_set=at)
        return credential_digest(voter, password_hash)

    def replace_password_hash(self, voter: int, password_hash: str, *, epoch: int) -> str:
        self._swap(voter, epoch, new_epoch=False, password=password_hash)
        return credential_digest(voter, password_hash)

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, frozen=at)

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, frozen=None, password=None, password_set=None, reopened=at)

    def frozen(self, limit: int) -> list[VoterListEntry]:
        present = (voter for voter in self._state.voters.values() if voter.removed is None)
        frozen = [as_listed(voter, self._state.entries[voter.id]) for voter in present if voter.frozen is not None]
        return sorted(frozen, key=lambda listed: (listed.frozen, listed.voter), reverse=True)[:limit]

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        entry = self._state.entries.get(voter)
        if entry is None:
            return False
        return compare_digest(entry.birth_date_digest, birth_date_digest) & compare_digest(
            entry.numen_digest, numen_digest
        )

    def first_verifier(self, voter: int) -> str | None:
        entry = self._state.entries.get(voter)
        return None if entry is None else entry.first_verifier

    def _swap(self, voter: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._state.voters.get(voter)
        if present is None or present.epoch != epoch:
            raise Conflict
        self._state.voters[voter] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)


class MemoryDirectory(MemoryPort):
    """The port VoterDirectory."""

    def on_roll(self, voter: int) -> VoterListEntry | None:
        return next((listed for listed in self._present() if listed.voter == voter), None)

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        def words(listed: VoterListEntry) -> str:
            return search_words(listed.last_name, listed.first_name)

        fitting = [
            one
            for one in self._present()
            if all(f" {each}" in words(one) for each in beginnings)
            and all(f" {each}" in search_words(one.academie or "") for each in academie)
            and phone_ending in {None, one.phone_ending}
        ]
        exact = sorted(fitting, key=lambda one: -sum(f" {each} " in words(one) for each in beginnings))
        return VotersFound(tuple(exact[:limit]), more=len(exact) > limit)

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        known = [search_words(one.last_name, one.first_name) for one in self._present()]
        return tuple(each for each in candidates if any(f" {each}" in words for words in known))[:limit]

    def academies(self, limit: int) -> tuple[str, ...]:
        return tuple(sorted({listed.academie for listed in self._present() if listed.academie})[:limit])

    def by_email(self, beginning: str, *, limit: int) -> VotersFound:
        fitting = [listed for listed in self._present() if listed.email.startswith(beginning)]
        ordered = sorted(fitting, key=lambda listed: listed.email)
        return VotersFound(tuple(ordered[:limit]), more=len(ordered) > limit)

    def _present(self) -> Iterator[VoterListEntry]:
        present = (voter for voter in self._state.voters.values() if voter.removed is None)
        return (as_listed(voter, self._state.entries[voter.id]) for voter in present)


def as_listed(voter: Voter, entry: RollEntry) -> VoterListEntry:
    """Return a voter as a search lists them."""
    return VoterListEntry(
        voter=voter.id,
        email=voter.email,
        last_name=voter.last_name,
        first_name=voter.first_name,
        academie=entry.academie,
        phone_ending=entry.phone_ending,
        frozen=voter.frozen,
    )


ROLL_DIGEST = "digest of a roll"
"""The digest of every roll in this store."""


class MemoryRoll(MemoryPort):
    """The port Roll."""

    def entries(self) -> Iterator[tuple[int, RollEntry]]:
        present = self._state.voters
        return iter([pair for pair in self._state.entries.items() if present[pair[0]].removed is None])

    def entries_of_removed_voters(self) -> Iterator[tuple[int, RollEntry]]:
        gone = [(each.removed, each.id) for each in self._state.voters.values() if each.removed is not None]
        return ((voter, self._state.entries[voter]) for _, voter in sorted(gone, reverse=True))

    def add(self, entries: Iterable[RollEntry]) -> None:
        taken = self._taken()
        for entry in entries:
            voter = len(self._state.voters) + 1
            _take(taken, entry)
            self._state.entries[voter] = entry
            self._state.voters[voter] = Voter(
                id=voter,
                email=entry.email,
                last_name=entry.last_name,
                first_name=entry.first_name,
                language=entry.language,
                epoch=0,
                pseudonym=entry.pseudonym,
            )

    def correct(self, corrections: Iterable[tuple[int, RollEntry]]) -> None:
        taken = self._taken()
        for voter, line in corrections:
            present, before = self._state.voters[voter], self._state.entries[voter]
            entry = msgspec.structs.replace(line, numen_digest=before.numen_digest)
            taken -= _marks(before)
            _take(taken, entry)
            self._state.entries[voter] = entry
            self._state.voters[voter] = msgspec.structs.replace(
                present,
                email=entry.email,
                last_name=entry.last_name,
                first_name=entry.first_name,
                language=entry.language,
                pseudonym=entry.pseudonym,
                epoch=present.epoch + int(entry.email != present.email),
            )

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        for voter in voters:
            present = self._state.voters[voter]
            self._state.voters[voter] = msgspec.structs.replace(present, removed=at, epoch=present.epoch + 1)

    def restore_removed_voters(self, voters: Mapping[int, str]) -> None:
        taken = self._taken()
        for voter, address in voters.items():
            entry = msgspec.structs.replace(self._state.entries[voter], email=address)
            _take(taken, entry)
            self._state.entries[voter] = entry
            self._state.voters[voter] = msgspec.structs.replace(self._state.voters[voter], removed=None, email=address)

    def digest(self) -> str:
        return ROLL_DIGEST

    def _taken(self) -> set[str | bytes]:
        return {mark for _, entry in self.entries() for mark in _marks(entry)}


def _marks(entry: RollEntry) -> frozenset[str | bytes]:
    """Return the values that are unique on the current roll."""
    return frozenset({entry.email, entry.numen_digest})


def _take(taken: set[str | bytes], entry: RollEntry) -> None:
    if taken & _marks(entry):
        raise DuplicateVoter
    taken |= _marks(entry)
