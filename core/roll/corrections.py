"""Who of the present roll has another line than before, kept small: a million of them in 15 MB."""

from array import array
from collections.abc import Mapping, Sequence
from itertools import compress
from operator import ne
from typing import overload

import msgspec
from msgspec.structs import astuple

from core.ports import Entry
from core.roll import words
from core.roll.columns import NAMES, Column
from core.text import Text

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


class Corrections(Sequence[Correction]):
    """In the order in which they were found."""

    def __init__(self) -> None:
        self._voters = array("q")
        self._positions = array("I")
        self._kinds = array("H")
        self._yields = bytearray()
        self._kind_of: dict[tuple[bool, ...], int] = {}
        self._labels: list[tuple[Text, ...]] = []

    def add(self, voter: int, position: int, before: Entry, after: Entry, *, yields: bool) -> None:
        """Keeps that their entry is another now."""
        differing = tuple(map(ne, astuple(before), astuple(after)))
        self._voters.append(voter)
        self._positions.append(position)
        self._kinds.append(self._kind(differing))
        self._yields.append(yields)

    def __len__(self) -> int:
        return len(self._voters)

    @overload
    def __getitem__(self, index: int) -> Correction: ...
    @overload
    def __getitem__(self, index: slice) -> list[Correction]: ...

    def __getitem__(self, index: int | slice) -> Correction | list[Correction]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        labels = self._labels[self._kinds[index]]
        return Correction(self._voters[index], self._positions[index], labels, bool(self._yields[index]))

    def _kind(self, differing: tuple[bool, ...]) -> int:
        """A million corrections are of a few kinds: fields that differ, each of which has a label, some the same."""
        kind = self._kind_of.setdefault(differing, len(self._labels))
        if kind == len(self._labels):
            fields = compress(Entry.__struct_fields__, differing)
            self._labels.append(tuple({LABEL_OF[name].msgid: LABEL_OF[name] for name in fields}.values()))
        return kind
