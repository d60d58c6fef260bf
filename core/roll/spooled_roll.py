"""Stores the checked entries of a roll file on disk, to save memory."""

from array import array
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from core.ports import RollEntry

KEY_BYTES = 8
KEY_MASK = 2**60 - 1
"""Bit mask that shortens digests to 60 bits, to save memory."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(RollEntry)


class SpooledRoll:
    """Entries of a roll file. The caller must close `spool` and protect it from other users."""

    def __init__(self, spool: BinaryIO) -> None:
        self._spool = spool
        self._ends = array("Q", [0])
        self._prints = array("q")
        self._lines = array("I")
        self._newest = 0
        # Both maps below use the same integer object, which saves memory.
        self._by_numen: dict[int, int] = {}
        self._by_address: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._prints)

    def __getitem__(self, position: int) -> RollEntry:
        start, end = self._ends[position], self._ends[position + 1]
        self._spool.seek(start)
        return _decoder.decode(self._spool.read(end - start))

    def __iter__(self) -> Iterator[RollEntry]:
        return map(self.__getitem__, range(len(self)))

    def begin_line(self, line: int) -> None:
        self._newest = len(self._lines)
        self._lines.append(line)

    def claim_numen(self, numen_digest: bytes) -> int:
        return self._lines[self._by_numen.setdefault(_key(numen_digest), self._newest)]

    def claim_address(self, address: str) -> int:
        return self._lines[self._by_address.setdefault(hash(address) & KEY_MASK, self._newest)]

    def add(self, entry: RollEntry) -> None:
        """Store the entry of the current line. Call this exactly once for each line."""
        packed = _encoder.encode(entry)
        self._ends.append(self._ends[-1] + self._spool.write(packed))
        self._prints.append(hash(packed))

    def forget_claims(self) -> None:
        """Free the memory that the look-ups need. After that, look-ups find nothing."""
        self._by_numen.clear()
        self._by_address.clear()

    def position_of(self, numen_digest: bytes) -> int | None:
        """Return the position at which this NUMEN is probably stored, or None. The caller must check the entry."""
        return self._by_numen.get(_key(numen_digest))

    def equals_at(self, position: int, entry: RollEntry) -> bool:
        return self._prints[position] == hash(_encoder.encode(entry))

    def has_address(self, address: str) -> bool:
        return hash(address) & KEY_MASK in self._by_address

    def line_of(self, position: int) -> int:
        return self._lines[position]


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:KEY_BYTES], "big") & KEY_MASK
