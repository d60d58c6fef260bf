"""The checked lines of a file. Entries are spooled to disk, and lookup keys are kept in memory.

A million entries would take 250 MB of memory; their keys take 200 MB.
"""

from array import array
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from core.ports import RollEntry

KEY_BYTES = 8
KEY_MASK = 2**60 - 1
"""Bits kept of a digest. A Python integer of 60 bits takes a third less memory than one of 64.

Two people share these bits in one of two million files of a million lines. Such a file is refused.
"""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(RollEntry)


class SpooledRoll:
    """Entries by position, each with its line in the file. No two share a NUMEN or an address.

    The caller closes `spool`, a seekable file, and protects it from other accounts.
    """

    def __init__(self, spool: BinaryIO) -> None:
        self._spool = spool
        self._ends = array("Q", [0])
        self._prints = array("q")
        self._lines = array("I")
        self._newest = 0
        """The position of the current line: one integer object, shared by both maps below."""
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
        """Begin a line. The next claims and entry belong to it."""
        self._newest = len(self._lines)
        self._lines.append(line)

    def claim_numen(self, numen_digest: bytes) -> int:
        """Claim a NUMEN for this line. Return the first line with that NUMEN."""
        return self._lines[self._by_numen.setdefault(_key(numen_digest), self._newest)]

    def claim_address(self, address: str) -> int:
        """Claim an address for this line. Return the first line with that address."""
        return self._lines[self._by_address.setdefault(hash(address) & KEY_MASK, self._newest)]

    def add(self, entry: RollEntry) -> None:
        """Append the entry of this line. Lookups are wrong if a line has no entry."""
        packed = _encoder.encode(entry)
        self._ends.append(self._ends[-1] + self._spool.write(packed))
        self._prints.append(hash(packed))

    def forget_claims(self) -> None:
        """Free the memory of the claims. Lookups find nothing afterwards."""
        self._by_numen.clear()
        self._by_address.clear()

    def position_of(self, numen_digest: bytes) -> int | None:
        """Return the position of the entry that may have that NUMEN. The caller must compare the entry."""
        return self._by_numen.get(_key(numen_digest))

    def equals_at(self, position: int, entry: RollEntry) -> bool:
        return self._prints[position] == hash(_encoder.encode(entry))

    def has_address(self, address: str) -> bool:
        return hash(address) & KEY_MASK in self._by_address

    def line_of(self, position: int) -> int:
        return self._lines[position]


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:KEY_BYTES], "big") & KEY_MASK
