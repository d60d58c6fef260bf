"""Computes the next seals of the chain. A line's place is given when it is sealed: a late commit gets a later one, and nobody waits.

PostgreSQL numbers a line before its transaction ends, so a smaller number can appear after a greater one was sealed. Numbers
passed over are remembered as gaps and looked at again for ever: no clock decides that a line cannot appear any more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from core.journal import canonical_line_json
from core.ports import JournalChainEnd, JournalLine, JournalLineGap, JournalLineSeal


def next_seals(end: JournalChainEnd, lines: Iterable[JournalLine]) -> list[JournalLineSeal]:
    """Return one seal for each line, in that order, from the chain's end on."""
    seals, digest = list[JournalLineSeal](), end.digest
    for position, line in enumerate(lines, end.position + 1):
        digest = canonical_line_json.chained_line_digest(digest, canonical_line_json.canonical_line_bytes(line))
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
