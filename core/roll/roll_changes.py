"""Compares a roll file with the electoral roll, and applies the differences."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import compress
from operator import ne
from typing import TypeVar, overload

import msgspec
from msgspec.structs import astuple

from core.ports import Actor, Event, EventType, JournalFilter, RecordedEvent, RollEntry, Transaction
from core.roll import sentences as words
from core.roll.roll_columns import COLUMNS, RollColumn
from core.roll.spooled_roll import SpooledRoll
from core.text.text import Text

LABEL_OF: Mapping[str, Text] = {
    **{column.value: definition.name for column, definition in COLUMNS.items()},
    "birth_date_digest": COLUMNS[RollColumn.BIRTH_DATE].name,
    "pseudonym": words.PSEUDONYM,
    "phone_digest": COLUMNS[RollColumn.PHONE].name,
    "phone_ending": COLUMNS[RollColumn.PHONE].name,
}


class RollCorrection(msgspec.Struct, frozen=True, gc=False):
    """A corrected line of the roll. `yields` is True if another person gets this voter's former address."""

    voter: int
    position: int
    labels: tuple[Text, ...]
    yields: bool


class CompactRollCorrections(Sequence[RollCorrection]):
    """A list of corrections that takes little memory."""

    def __init__(self) -> None:
        self._voters = array("q")
        self._positions = array("I")
        self._labels: list[tuple[Text, ...]] = []
        self._yields = bytearray()

    def add(self, voter: int, position: int, before: RollEntry, after: RollEntry, *, yields: bool) -> None:
        self._voters.append(voter)
        self._positions.append(position)
        self._labels.append(_labels_of(tuple(map(ne, astuple(before), astuple(after)))))
        self._yields.append(yields)

    def __len__(self) -> int:
        return len(self._voters)

    @overload
    def __getitem__(self, index: int) -> RollCorrection: ...
    @overload
    def __getitem__(self, index: slice) -> list[RollCorrection]: ...

    def __getitem__(self, index: int | slice) -> RollCorrection | list[RollCorrection]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        voter, position, labels = self._voters[index], self._positions[index], self._labels[index]
        return RollCorrection(voter, position, labels, bool(self._yields[index]))


@cache
def _labels_of(differing: tuple[bool, ...]) -> tuple[Text, ...]:
    fields = compress(RollEntry.__struct_fields__, differing)
    return tuple({LABEL_OF[name].msgid: LABEL_OF[name] for name in fields}.values())


T = TypeVar("T")

BATCH = 5_000
PARKING_DOMAIN = "parked.invalid"
"""Domain of the temporary addresses that are used during an import (RFC 2606 §2)."""


@dataclass(frozen=True, slots=True)
class RollChanges:
    roll: SpooledRoll
    added: Sequence[int]
    corrected: Sequence[RollCorrection] = ()
    removed: Sequence[int] = ()
    returned: Sequence[RollCorrection] = ()
    unchanged: int = 0

    @property
    def changed_person_count(self) -> int:
        return len(self.added) + len(self.corrected) + len(self.removed) + len(self.returned)

    def removes_too_many(self, percent: int) -> bool:
        present = self.unchanged + len(self.corrected) + len(self.removed)
        return bool(self.removed) and max(len(self.removed), len(self.added)) * 100 > present * percent

    @property
    def is_first_import(self) -> bool:
        return not (self.unchanged or self.corrected or self.removed or self.returned)


def compare_rolls(
    present: Iterable[tuple[int, RollEntry]], roll: SpooledRoll, leavers: Iterable[tuple[int, RollEntry]] = ()
) -> RollChanges:
    """Compare the file `roll` with the current roll. `leavers` are voters removed earlier."""
    met, corrected, removed = bytearray(len(roll)), CompactRollCorrections(), array("q")
    for voter, before in present:
        position = roll.position_of(before.numen_digest)
        if position is not None and roll.equals_at(position, before):
            met[position] = True
        elif position is None or (after := roll[position]).numen_digest != before.numen_digest:
            removed.append(voter)
        else:
            met[position] = True
            yields = before.email != after.email and roll.has_address(before.email)
            corrected.add(voter, position, before, after, yields=yields)
    returned = CompactRollCorrections()
    for voter, before in leavers:
        position = roll.position_of(before.numen_digest)
        if position is None or met[position] or (after := roll[position]).numen_digest != before.numen_digest:
            continue
        met[position] = True
        returned.add(voter, position, before, after, yields=True)
    roll.forget_claims()
    added = array("L", (position for position, known in enumerate(met) if not known))
    return RollChanges(roll, added, corrected, removed, returned, sum(met) - len(corrected) - len(returned))


def imports_after(transaction: Transaction, line: int) -> list[RecordedEvent]:
    wanted = JournalFilter(act=EventType.ROLL_IMPORTED)
    return transaction.journal.page(wanted, after=line, before=1 << 62, limit=9)


def apply_changes(
    transaction: Transaction,
    changes: RollChanges,
    now: Callable[[], datetime],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the changes to the database. Calls `progress` with the number of people in each batch.

    Some people first get a temporary address, so that no two people ever have the same address.
    """
    began = now()
    for leavers in _batches(changes.removed):
        transaction.roll.remove(leavers, began)
        progress(len(leavers))
    if changes.corrected:
        transaction.roll.correct(_with_parked_addresses(changes))
    for returning in _batches(changes.returned):
        transaction.roll.restore_removed_voters({each.voter: _parked_address(each) for each in returning})
    for corrections in (changes.corrected, changes.returned):
        if corrections:
            transaction.roll.correct(_corrected(changes.roll, corrections, progress))
    if changes.added:
        transaction.roll.add(_newcomers(changes, progress))
    counts = f"added {len(changes.added)}, corrected {len(changes.corrected)}, removed {len(changes.removed)}"
    counts += f", returned {len(changes.returned)}" if changes.returned else ""
    digest = transaction.roll.digest()
    # The event gets the time at which the import ends. With an earlier time, it could be placed before journal lines
    # that are already counted.
    event = Event(at=now(), actor=Actor.OPERATOR, act=EventType.ROLL_IMPORTED, reason=counts, credential=digest)
    transaction.journal.write(event)


def _with_parked_addresses(changes: RollChanges) -> Iterator[tuple[int, RollEntry]]:
    for each in changes.corrected:
        if each.yields:
            yield each.voter, msgspec.structs.replace(changes.roll[each.position], email=_parked_address(each))


def _parked_address(each: RollCorrection) -> str:
    return f"{each.voter}@{PARKING_DOMAIN}"


def _corrected(
    roll: SpooledRoll, corrected: Sequence[RollCorrection], progress: Callable[[int], None]
) -> Iterator[tuple[int, RollEntry]]:
    for corrections in _batches(corrected):
        for each in corrections:
            yield each.voter, roll[each.position]
        progress(len(corrections))


def _newcomers(changes: RollChanges, progress: Callable[[int], None]) -> Iterator[RollEntry]:
    for positions in _batches(changes.added):
        yield from map(changes.roll.__getitem__, positions)
        progress(len(positions))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
