r"""The hash chain of the journal.

The hashed bytes of a line are JSON in the form of RFC 8785: sorted keys, no spaces, UTF-8, minimal escapes. The object
has `line`, its number, and each column that has a value. Times are in UTC as in RFC 3339, with six decimals, or with
none if they are all zero. Columns without a value are omitted, so adding a column later does not change the digests of
older lines. The digest of a line is the SHA-256 of the previous digest (64 hexadecimal digits), a line feed, and the
JSON. The digest before the first line is 64 zeros. In a shell:

    printf '%s\n%s' "$previous" "$json" | sha256sum

A line gets its position when it is sealed, so a late commit gets a later position and no transaction waits. PostgreSQL
numbers a line before its transaction ends, so a smaller number can appear after a greater one was sealed. Skipped
numbers are stored as gaps and checked again forever; no time limit decides that a line cannot appear any more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from core.journal.verifier import chained_line_digest
from core.ports import JournalChainEnd, JournalLine, JournalLineGap, JournalLineSeal

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical_line_bytes(line: JournalLine) -> bytes:
    present = {name: value for name, value in line.columns.items() if value is not None}
    return _ENCODER.encode({**present, "line": line.number})


def next_seals(end: JournalChainEnd, lines: Iterable[JournalLine]) -> list[JournalLineSeal]:
    """Return one seal for each line, in that order, starting at the end of the chain."""
    seals, digest = list[JournalLineSeal](), end.digest
    for position, line in enumerate(lines, end.position + 1):
        digest = chained_line_digest(digest, canonical_line_bytes(line))
        seals.append(JournalLineSeal(position, line.number, digest))
    return seals


def next_gaps(end: JournalChainEnd, lines: Iterable[JournalLine]) -> tuple[JournalLineGap, ...]:
    """Return the gaps that remain after sealing those lines."""
    numbers = sorted(line.number for line in lines)
    passed = [JournalLineGap(end.reached + 1, numbers[-1])] if numbers and numbers[-1] > end.reached else []
    return tuple(rest for gap in (*end.gaps, *passed) for rest in _without(gap, numbers))


def _without(gap: JournalLineGap, numbers: Sequence[int]) -> Iterator[JournalLineGap]:
    """Yield the parts of a gap that remain without those sorted numbers."""
    start = gap.first
    for number in numbers[bisect_left(numbers, gap.first) : bisect_right(numbers, gap.last)]:
        if start < number:
            yield JournalLineGap(start, number - 1)
        start = number + 1
    if start <= gap.last:
        yield JournalLineGap(start, gap.last)
