"""The checked lines of a file, kept small: a million of them in some 400 MB, where plain objects would take a gigabyte."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import msgspec

from core.ports import Entry

KEY_BYTES = 8
KEY_MASK = 2**60 - 1
"""Bits of a digest: a Python number of 60 takes a third less than one of 64. Among a million lines two different persons share
them once in two million files; that file is refused."""


class _Packed(Entry, frozen=True, kw_only=True, array_like=True, gc=False):
    """An entry written without its field names."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Packed)


class NewRoll:
    """Entries by position, each with its line in the file; no two have one NUMEN or one address."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._ends = array("Q", [0])
        self._lines = array("I")
        self._by_numen: dict[int, int] = {}
        self._by_address: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, position: int) -> Entry:
        packed = _decoder.decode(memoryview(self._packed)[self._ends[position] : self._ends[position + 1]])
        return Entry(**_fields(packed))

    def __iter__(self) -> Iterator[Entry]:
        return map(self.__getitem__, range(len(self)))

    def claim_numen(self, numen_digest: bytes, line: int) -> int:
        """The first line with that NUMEN: `line` itself unless another came before."""
        return self._by_numen.setdefault(_key(numen_digest), line)

    def claim_address(self, address: str, line: int) -> int:
        """The first line with that address, likewise."""
        return self._by_address.setdefault(hash(address) & KEY_MASK, line)

    def add(self, line: int, entry: Entry) -> None:
        """Keeps an entry whose NUMEN and address were claimed for that line; lines come in ascending order."""
        self._packed += _encoder.encode(_Packed(**_fields(entry)))
        self._ends.append(len(self._packed))
        self._lines.append(line)

    def forget_claims(self) -> None:
        """Nobody is looked for any more: what finds them takes as much memory as they do."""
        self._by_numen.clear()
        self._by_address.clear()

    def find(self, numen_digest: bytes) -> int | None:
        """The position of the person with that NUMEN."""
        line = self._by_numen.get(_key(numen_digest))
        if line is None:
            return None
        position = bisect_left(self._lines, line)
        return position if self[position].numen_digest == numen_digest else None

    def has_address(self, address: str) -> bool:
        """Whether someone on this roll has that address."""
        return hash(address) & KEY_MASK in self._by_address

    def line(self, position: int) -> int:
        """The line of the file that entry was read from."""
        return self._lines[position]


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:KEY_BYTES], "big") & KEY_MASK


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__struct_fields__}
