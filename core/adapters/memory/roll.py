"""Putting the roll in the place of the one before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from core.adapters.memory.shelf import Port
from core.ports import Duplicate, Entry, Voter


class MemoryRoll(Port):
    """The port Roll."""

    def entries(self) -> Iterator[tuple[int, Entry]]:
        present = self._shelf.voters
        return iter([pair for pair in self._shelf.entries.items() if present[pair[0]].removed is None])

    def leavers(self) -> Iterator[tuple[int, Entry]]:
        gone = [(each.removed, each.id) for each in self._shelf.voters.values() if each.removed is not None]
        return ((voter, self._shelf.entries[voter]) for _, voter in sorted(gone, reverse=True))

    def add(self, entries: Iterable[Entry]) -> None:
        taken = self._taken()
        for entry in entries:
            voter = len(self._shelf.voters) + 1
            _take(taken, entry)
            self._shelf.entries[voter] = entry
            self._shelf.voters[voter] = Voter(
                id=voter,
                email=entry.email,
                last_name=entry.last_name,
                first_name=entry.first_name,
                language=entry.language,
                epoch=0,
                pseudonym=entry.pseudonym,
            )

    def correct(self, corrections: Iterable[tuple[int, Entry]]) -> None:
        taken = self._taken()
        for voter, line in corrections:
            present, before = self._shelf.voters[voter], self._shelf.entries[voter]
            entry = msgspec.structs.replace(line, numen_digest=before.numen_digest)
            taken -= _marks(before)
            _take(taken, entry)
            self._shelf.entries[voter] = entry
            self._shelf.voters[voter] = msgspec.structs.replace(
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
            present = self._shelf.voters[voter]
            self._shelf.voters[voter] = msgspec.structs.replace(present, removed=at, epoch=present.epoch + 1)

    def restore(self, voters: Mapping[int, str]) -> None:
        taken = self._taken()
        for voter, address in voters.items():
            entry = msgspec.structs.replace(self._shelf.entries[voter], email=address)
            _take(taken, entry)
            self._shelf.entries[voter] = entry
            self._shelf.voters[voter] = msgspec.structs.replace(self._shelf.voters[voter], removed=None, email=address)

    def _taken(self) -> set[str | bytes]:
        return {mark for _, entry in self.entries() for mark in _marks(entry)}


def _marks(entry: Entry) -> frozenset[str | bytes]:
    """What only one person of the present roll has."""
    return frozenset({entry.email, entry.numen_digest})


def _take(taken: set[str | bytes], entry: Entry) -> None:
    if taken & _marks(entry):
        raise Duplicate
    taken |= _marks(entry)
