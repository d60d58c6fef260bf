"""The next links of the chain. A line's place is given when it is sealed, so a late commit gets a later place, and no act waits.

PostgreSQL numbers a line before its transaction ends, so a smaller number can appear after a greater one was sealed. Numbers
passed over are remembered as gaps and looked at again for ever: no clock decides that nothing can come any more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from core.journal import form
from core.ports import ChainEnd, Gap, Line, Seal


def next_seals(end: ChainEnd, lines: Iterable[Line]) -> list[Seal]:
    """One seal a line, in that order, from the chain's end on."""
    seals, digest = list[Seal](), end.digest
    for position, line in enumerate(lines, end.position + 1):
        digest = form.digest(digest, form.written(line))
        seals.append(Seal(position, line.number, digest))
    return seals


def next_gaps(end: ChainEnd, lines: Iterable[Line]) -> tuple[Gap, ...]:
    """What has still not been seen once those lines are sealed."""
    numbers = sorted(line.number for line in lines)
    passed = [Gap(end.reached + 1, numbers[-1])] if numbers and numbers[-1] > end.reached else []
    return tuple(rest for gap in (*end.gaps, *passed) for rest in _without(gap, numbers))


def _without(gap: Gap, numbers: Sequence[int]) -> Iterator[Gap]:
    """What is left of a gap when those numbers, in order, have been seen."""
    start = gap.first
    for number in numbers[bisect_left(numbers, gap.first) : bisect_right(numbers, gap.last)]:
        if start < number:
            yield Gap(start, number - 1)
        start = number + 1
    if start <= gap.last:
        yield Gap(start, gap.last)
