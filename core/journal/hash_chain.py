r"""The hash chain of the journal. The hashed bytes of a line are JSON as RFC 8785 writes it (keys in order, no spaces, UTF-8, only the escapes JSON demands).

An object of `line`, its number, and of each column that has a value; moments are in UTC as RFC 3339 writes them, with six
decimals of a second or, when they are all nought, none. A column without a value is left out, so that a column added later
leaves the digests of older lines as they were. The digest of a line is the SHA-256 of the digest before it, in 64
hexadecimal digits, a line feed, and that JSON; the first has 64 noughts before it. In a shell:

    printf '%s\n%s' "$previous" "$json" | sha256sum

A line's place is given when it is sealed: a late commit gets a later one, and nobody waits. PostgreSQL numbers a line before its
transaction ends, so a smaller number can appear after a greater one was sealed. Numbers passed over are remembered as gaps and
looked at again for ever: no clock decides that a line cannot appear any more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from core.journal.verifier import chained_line_digest
from core.ports import JournalChainEnd, JournalLine, JournalLineGap, JournalLineSeal

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical_line_bytes(line: JournalLine) -> bytes:
    """Return the bytes of a line that are hashed."""
    present = {name: value for name, value in line.columns.items() if value is not None}
    return _ENCODER.encode({**present, "line": line.number})


def next_seals(end: JournalChainEnd, lines: Iterable[JournalLine]) -> list[JournalLineSeal]:
    """Return one seal for each line, in that order, from the chain's end on."""
    seals, digest = list[JournalLineSeal](), end.digest
    for position, line in enumerate(lines, end.position + 1):
        digest = chained_line_digest(digest, canonical_line_bytes(line))
        seals.append(JournalLineSeal(position, line.number, digest))
    return seals


def next_gaps(end: JournalChainEnd, lines: Iterable[JournalLine]) -> tuple[JournalLineGap, ...]:
    """Return the gaps that remain once those lines are sealed."""
    numbers = sorted(line.number for line in lines)
    passed = [JournalLineGap(end.reached + 1, numbers[-1])] if numbers and numbers[-1] > end.reached else []
    return tuple(rest for gap in (*end.gaps, *passed) for rest in _without(gap, numbers))


def _without(gap: JournalLineGap, numbers: Sequence[int]) -> Iterator[JournalLineGap]:
    """Yield the parts of a gap that remain without those numbers, which are sorted."""
    start = gap.first
    for number in numbers[bisect_left(numbers, gap.first) : bisect_right(numbers, gap.last)]:
        if start < number:
            yield JournalLineGap(start, number - 1)
        start = number + 1
    if start <= gap.last:
        yield JournalLineGap(start, gap.last)
