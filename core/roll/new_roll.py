"""The checked lines of a file, out of the way: written to a spool as they are read, with what finds them kept in memory.

A million of them would take 250 MB here; what finds them takes 200.
"""

from array import array
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from core.ports import Entry

KEY_BYTES = 8
KEY_MASK = 2**60 - 1
"""Bits of a digest: a Python number of 60 takes a third less than one of 64. Among a million lines two different persons share
them once in two million files; that file is refused."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


def packed(entry: Entry) -> bytes:
    """As a roll keeps it."""
    return _encoder.encode(entry)


class NewRoll:
    """Entries by position, each with its line in the file; no two have one NUMEN or one address.

    They lie in `spool`, a seekable file that stays its owner's to close, and to keep from other eyes.
    """

    def __init__(self, spool: BinaryIO) -> None:
        self._spool = spool
        self._ends = array("Q", [0])
        self._prints = array("q")
        self._lines = array("I")
        self._newest = 0
        """The position of the last line begun: one number in both that follow."""
        self._by_numen: dict[int, int] = {}
        self._by_address: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._prints)

    def __getitem__(self, position: int) -> Entry:
        start, end = self._ends[position], self._ends[position + 1]
        self._spool.seek(start)
        return _decoder.decode(self._spool.read(end - start))

    def __iter__(self) -> Iterator[Entry]:
        return map(self.__getitem__, range(len(self)))

    def begin(self, line: int) -> None:
        """What is claimed from now on is that line's."""
        self._newest = len(self._lines)
        self._lines.append(line)

    def claim_numen(self, numen_digest: bytes) -> int:
        """The first line with that NUMEN: the last that began, unless another came before."""
        return self._lines[self._by_numen.setdefault(_key(numen_digest), self._newest)]

    def claim_address(self, address: str) -> int:
        """The first line with that address, likewise."""
        return self._lines[self._by_address.setdefault(hash(address) & KEY_MASK, self._newest)]

    def add(self, packed: bytes) -> None:
        """Keeps the entry of the line that began last, packed. A roll of which one is missing finds nobody."""
        self._ends.append(self._ends[-1] + self._spool.write(packed))
        self._prints.append(hash(packed))

    def forget_claims(self) -> None:
        """Nobody is looked for any more: what finds them takes as much memory as they would."""
        self._by_numen.clear()
        self._by_address.clear()

    def find(self, numen_digest: bytes) -> int | None:
        """The position of whoever may have that NUMEN; `holds`, or the entry there, tells whether they do."""
        return self._by_numen.get(_key(numen_digest))

    def holds(self, position: int, entry: Entry) -> bool:
        """Whether the entry there is equal to that one, told without reading it."""
        return self._prints[position] == hash(packed(entry))

    def has_address(self, address: str) -> bool:
        """Whether someone on this roll has that address."""
        return hash(address) & KEY_MASK in self._by_address

    def line(self, position: int) -> int:
        """The line of the file that entry was read from."""
        return self._lines[position]


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:KEY_BYTES], "big") & KEY_MASK
