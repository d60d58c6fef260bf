"""Compares a checked file with the present roll, and applies the difference in one transaction."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TypeVar

import msgspec

from core.ports import Act, Actor, Entry, Event, Transaction
from core.roll import words
from core.roll.columns import NAMES, Column
from core.roll.new_roll import NewRoll
from core.text import Text

T = TypeVar("T")

BATCH = 5_000
PARKING_DOMAIN = "parked.invalid"
"""RFC 2606 §2: nobody's. Addresses wait there while two persons exchange theirs, since no two may share one."""

LABEL_OF: Mapping[str, Text] = {
    "email": NAMES[Column.EMAIL],
    "last_name": NAMES[Column.LAST_NAME],
    "first_name": NAMES[Column.FIRST_NAME],
    "birth_date_digest": NAMES[Column.BIRTH_DATE],
    "pseudonym": words.PSEUDONYM,
    "phone_digest": NAMES[Column.PHONE],
    "phone_ending": NAMES[Column.PHONE],
    "academie": NAMES[Column.ACADEMIE],
    "language": NAMES[Column.LANGUAGE],
    "first_verifier": NAMES[Column.FIRST_VERIFIER],
}
"""What each field of an entry is called."""


class Correction(msgspec.Struct, frozen=True, gc=False):
    """Someone whose line is another than before. `yields` when another person takes over their former address."""

    voter: int
    position: int
    labels: tuple[Text, ...]
    yields: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes the present roll that of the file. `added` and the corrections hold positions in `roll`."""

    roll: NewRoll
    added: Sequence[int]
    corrected: list[Correction] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
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
    met = bytearray(len(roll))
    corrected: list[Correction] = []
    removed: list[int] = []
    for voter, entry in present:
        position = roll.find(entry.numen_digest)
        if position is None:
            removed.append(voter)
            continue
        met[position] = True
        after = roll[position]
        if labels := _differing(entry, after):
            yields = entry.email != after.email and roll.has_address(entry.email)
            corrected.append(Correction(voter, position, labels, yields))
    roll.forget_claims()
    added = array("L", (position for position, known in enumerate(met) if not known))
    return Changes(roll, added, corrected, removed, unchanged=sum(met) - len(corrected))


def _differing(before: Entry, after: Entry) -> tuple[Text, ...]:
    if before == after:
        return ()
    return _labels(tuple(name for name in LABEL_OF if getattr(before, name) != getattr(after, name)))


@cache  # a million corrections are of a few kinds
def _labels(fields: tuple[str, ...]) -> tuple[Text, ...]:
    return tuple({LABEL_OF[name].msgid: LABEL_OF[name] for name in fields}.values())


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
    for yielding in _batches([each for each in changes.corrected if each.yields]):
        transaction.roll.correct([(each.voter, _parked(changes.roll[each.position], each.voter)) for each in yielding])
    for corrections in _batches(changes.corrected):
        transaction.roll.correct([(each.voter, changes.roll[each.position]) for each in corrections])
        progress(len(corrections))
    transaction.roll.add(_newcomers(changes, progress))
    counts = f"added {len(changes.added)}, corrected {len(changes.corrected)}, removed {len(changes.removed)}"
    transaction.journal.write(Event(at=at, actor=Actor.OPERATOR, act=Act.ROLL_IMPORTED, reason=counts))


def _newcomers(changes: Changes, progress: Callable[[int], None]) -> Iterator[Entry]:
    for positions in _batches(changes.added):
        yield from map(changes.roll.__getitem__, positions)
        progress(len(positions))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _parked(entry: Entry, voter: int) -> Entry:
    return msgspec.structs.replace(entry, email=f"{voter}@{PARKING_DOMAIN}")
