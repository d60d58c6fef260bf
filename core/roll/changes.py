"""Compares a checked file with the present roll, and applies the difference in one transaction."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from core.ports import Act, Actor, Entry, Event, Transaction
from core.roll.corrections import Correction, Corrections
from core.roll.new_roll import NewRoll

T = TypeVar("T")

BATCH = 5_000
PARKING_DOMAIN = "parked.invalid"
"""RFC 2606 §2: nobody's. Addresses wait there while two persons exchange theirs, since no two may share one."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes the present roll that of the file. `added` and the corrections hold positions in `roll`.

    Who left and comes back is the voter they were: their count of identifiers, their telephone and their freezes are theirs still.
    """

    roll: NewRoll
    added: Sequence[int]
    corrected: Sequence[Correction] = ()
    removed: Sequence[int] = ()
    returned: Sequence[Correction] = ()
    unchanged: int = 0

    @property
    def total(self) -> int:
        """How many persons change."""
        return len(self.added) + len(self.corrected) + len(self.removed) + len(self.returned)

    @property
    def first(self) -> bool:
        """Whether there was nobody on the roll before."""
        return not (self.unchanged or self.corrected or self.removed or self.returned)


def compare(present: Iterable[tuple[int, Entry]], roll: NewRoll, leavers: Iterable[tuple[int, Entry]] = ()) -> Changes:
    """The difference; a person is the same when the NUMEN is the same. `present`, then `leavers`, are read to their end, once.

    The roll finds nobody afterwards.
    """
    met, corrected, removed = bytearray(len(roll)), Corrections(), array("q")
    for voter, before in present:
        position = roll.find(before.numen_digest)
        if position is not None and roll.holds(position, before):
            met[position] = True
        elif position is None or (after := roll[position]).numen_digest != before.numen_digest:
            removed.append(voter)
        else:
            met[position] = True
            yields = before.email != after.email and roll.has_address(before.email)
            corrected.add(voter, position, before, after, yields=yields)
    returned = Corrections()
    for voter, before in leavers:
        position = roll.find(before.numen_digest)
        if position is None or met[position] or (after := roll[position]).numen_digest != before.numen_digest:
            continue
        met[position] = True
        returned.add(voter, position, before, after, yields=True)
    roll.forget_claims()
    added = array("L", (position for position, known in enumerate(met) if not known))
    return Changes(roll, added, corrected, removed, returned, sum(met) - len(corrected) - len(returned))


def apply(
    transaction: Transaction, changes: Changes, at: datetime, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Makes the changes, telling `progress` how many persons each batch was.

    Leavers go first and addresses about to be taken over are parked, so that whoever takes one finds it free; who comes back
    begins there too. The journal keeps how many there were, and of nobody in particular.
    """
    for leavers in _batches(changes.removed):
        transaction.roll.remove(leavers, at)
        progress(len(leavers))
    if changes.corrected:
        transaction.roll.correct(_parked(changes))
    for returning in _batches(changes.returned):
        transaction.roll.restore({each.voter: _parking(each) for each in returning})
    for corrections in (changes.corrected, changes.returned):
        if corrections:
            transaction.roll.correct(_corrected(changes.roll, corrections, progress))
    transaction.roll.add(_newcomers(changes, progress))
    counts = f"added {len(changes.added)}, corrected {len(changes.corrected)}, removed {len(changes.removed)}"
    counts += f", returned {len(changes.returned)}" if changes.returned else ""
    transaction.journal.write(Event(at=at, actor=Actor.OPERATOR, act=Act.ROLL_IMPORTED, reason=counts))


def _parked(changes: Changes) -> Iterator[tuple[int, Entry]]:
    for each in changes.corrected:
        if each.yields:
            yield each.voter, msgspec.structs.replace(changes.roll[each.position], email=_parking(each))


def _parking(each: Correction) -> str:
    return f"{each.voter}@{PARKING_DOMAIN}"


def _corrected(
    roll: NewRoll, corrected: Sequence[Correction], progress: Callable[[int], None]
) -> Iterator[tuple[int, Entry]]:
    for corrections in _batches(corrected):
        for each in corrections:
            yield each.voter, roll[each.position]
        progress(len(corrections))


def _newcomers(changes: Changes, progress: Callable[[int], None]) -> Iterator[Entry]:
    for positions in _batches(changes.added):
        yield from map(changes.roll.__getitem__, positions)
        progress(len(positions))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
