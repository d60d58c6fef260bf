"""Voters."""

from datetime import datetime
from hmac import compare_digest

import msgspec

from core.adapters.memory.directory import as_listed
from core.adapters.memory.shelf import Port
from core.ports import Listed, Moved, Voter


class MemoryVoters(Port):
    """The port Voters."""

    def by_address(self, key: str) -> Voter | None:
        present = (voter for voter in self._shelf.voters.values() if voter.removed is None)
        return next((voter for voter in present if voter.email == key), None)

    def by_id(self, voter: int) -> Voter | None:
        return self._shelf.voters.get(voter)

    def lock(self, voter: int) -> None:
        """One transaction at a time: nothing to wait for."""

    def choose_password(self, voter: int, password: str, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, password=password, password_set=at)

    def rehash(self, voter: int, password: str, *, epoch: int) -> None:
        self._swap(voter, epoch, new_epoch=False, password=password)

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, frozen=at)

    def unfreeze(self, voter: int, *, epoch: int) -> None:
        self._swap(voter, epoch, frozen=None, password=None, password_set=None)

    def frozen(self, limit: int) -> list[Listed]:
        present = (voter for voter in self._shelf.voters.values() if voter.removed is None)
        frozen = [as_listed(voter, self._shelf.entries[voter.id]) for voter in present if voter.frozen is not None]
        return sorted(frozen, key=lambda listed: (listed.frozen, listed.voter), reverse=True)[:limit]

    def matches(self, voter: int, *, birth_date: bytes, numen: bytes) -> bool:
        entry = self._shelf.entries.get(voter)
        if entry is None:
            return False
        return compare_digest(entry.birth_date_digest, birth_date) & compare_digest(entry.numen_digest, numen)

    def first_verifier(self, voter: int) -> str | None:
        entry = self._shelf.entries.get(voter)
        return None if entry is None else entry.first_verifier

    def _swap(self, voter: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._shelf.voters.get(voter)
        if present is None or present.epoch != epoch:
            raise Moved
        self._shelf.voters[voter] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)
