"""The persons of the present roll whose line has changed, stored compactly: a million take 21 MB."""

from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import compress
from operator import ne
from typing import overload

import msgspec
from msgspec.structs import astuple

from core.ports import RollEntry
from core.roll import roll_import_sentences as words
from core.roll.roll_columns import COLUMNS, RollColumn
from core.text.text import Text

LABEL_OF: Mapping[str, Text] = {
    **{column.value: definition.name for column, definition in COLUMNS.items()},
    "birth_date_digest": COLUMNS[RollColumn.BIRTH_DATE].name,
    "pseudonym": words.PSEUDONYM,
    "phone_digest": COLUMNS[RollColumn.PHONE].name,
    "phone_ending": COLUMNS[RollColumn.PHONE].name,
}
"""The label of each field of an entry."""


class RollCorrection(msgspec.Struct, frozen=True, gc=False):
    """A person whose line has changed. `yields` is true when another person takes over the former address."""

    voter: int
    position: int
    labels: tuple[Text, ...]
    yields: bool


class CompactRollCorrections(Sequence[RollCorrection]):
    """A list of corrections, in the order in which they were found."""

    def __init__(self) -> None:
        self._voters = array("q")
        self._positions = array("I")
        self._labels: list[tuple[Text, ...]] = []
        self._yields = bytearray()

    def add(self, voter: int, position: int, before: RollEntry, after: RollEntry, *, yields: bool) -> None:
        """Add a person whose entry has changed."""
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
    """Return the labels of the changed fields; a million corrections share a few such sets."""
    fields = compress(RollEntry.__struct_fields__, differing)
    return tuple({LABEL_OF[name].msgid: LABEL_OF[name] for name in fields}.values())
