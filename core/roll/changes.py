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
    """What makes the present roll that of the file. `added` and the corrections hold positions in `roll`."""

    roll: NewRoll
    added: Sequence[int]
    corrected: Sequence[Correction] = ()
    removed: Sequence[int] = ()
    unchanged: int = 0

    @property
    def total(self) -> int:
        """How many persons change."""
        return len(self.added) + len(self.corrected) + len(self.removed)

    @property
    def first(self) -> bool:
        """Whether there was nobody on the roll before."""
        return not (self.unchanged or self.corrected or self.removed)


def compare(present: Iterable[tuple[int, Entry]], roll: NewRoll) -> Changes:
    """The difference; a person is the same when the NUMEN is the same. `present` is read to its end, once.

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
    roll.forget_claims()
    added = array("L", (position for position, known in enumerate(met) if not known))
    return Changes(roll, added, corrected, removed, unchanged=sum(met) - len(corrected))


def apply(
    transaction: Transaction, changes: Changes, at: datetime, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Makes the changes, telling `progress` how many persons each batch was.

    Leavers go first and addresses about to be taken over are parked, so that whoever takes one finds it free. The journal
    keeps how many there were, and of nobody in particular.
    """
    for leavers in _batches(changes.removed):
        transaction.roll.remove(leavers, at)
        progress(len(leavers))
    if changes.corrected:
        transaction.roll.correct(_parked(changes))
        transaction.roll.correct(_corrected(changes, progress))
    transaction.roll.add(_newcomers(changes, progress))
    counts = f"added {len(changes.added)}, corrected {len(changes.corrected)}, removed {len(changes.removed)}"
    transaction.journal.write(Event(at=at, actor=Actor.OPERATOR, act=Act.ROLL_IMPORTED, reason=counts))


def _parked(changes: Changes) -> Iterator[tuple[int, Entry]]:
    for each in changes.corrected:
        if each.yields:
            address = f"{each.voter}@{PARKING_DOMAIN}"
            yield each.voter, msgspec.structs.replace(changes.roll[each.position], email=address)


def _corrected(changes: Changes, progress: Callable[[int], None]) -> Iterator[tuple[int, Entry]]:
    for corrections in _batches(changes.corrected):
        for each in corrections:
            yield each.voter, changes.roll[each.position]
        progress(len(corrections))


def _newcomers(changes: Changes, progress: Callable[[int], None]) -> Iterator[Entry]:
    for positions in _batches(changes.added):
        yield from map(changes.roll.__getitem__, positions)
        progress(len(positions))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
