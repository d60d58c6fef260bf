r"""The hash chain of the journal.

A line is hashed as JSON in the form of RFC 8785: sorted keys, no spaces, UTF-8, and minimal escapes. The JSON object
contains the number of the line under the key `line`, and each column that has a value. Columns without a value are left
out, so a column that is added later does not change the digests of older lines. Times are in UTC as in RFC 3339, with
six decimals, or without decimals if all are zero. The digest of a line is the SHA-256 of the previous digest (64
hexadecimal digits), a line feed, and the JSON. The digest before the first line is 64 zeros. In a shell:

    printf '%s\n%s' "$previous" "$json" | sha256sum

A line gets its position in the chain when it is sealed, not when it is written, so no transaction must wait for
another. PostgreSQL numbers a line before its transaction ends. Therefore a line can appear after a line with a greater
number was sealed. The missing numbers are stored as gaps, and the gaps are searched for new lines every time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from core.journal.verifier import chained_line_digest
from core.ports import JournalChainEnd, JournalLine, JournalLineGap, JournalLineSeal

CANONICAL_JSON = msgspec.json.Encoder(order="sorted")


def canonical_line_bytes(line: JournalLine) -> bytes:
    present = {name: value for name, value in line.columns.items() if value is not None}
    return CANONICAL_JSON.encode({**present, "line": line.number})


def next_seals(end: JournalChainEnd, lines: Iterable[JournalLine]) -> list[JournalLineSeal]:
    """Return seals for these lines, in the same order. The first seal follows `end`."""
    seals, digest = list[JournalLineSeal](), end.digest
    for position, line in enumerate(lines, end.position + 1):
        digest = chained_line_digest(digest, canonical_line_bytes(line))
        seals.append(JournalLineSeal(position, line.number, digest))
    return seals


def next_gaps(end: JournalChainEnd, lines: Iterable[JournalLine]) -> tuple[JournalLineGap, ...]:
    """Return the gaps that remain after these lines are sealed."""
    numbers = sorted(line.number for line in lines)
    new = [JournalLineGap(end.reached + 1, numbers[-1])] if numbers and numbers[-1] > end.reached else []
    return tuple(rest for gap in (*end.gaps, *new) for rest in _without(gap, numbers))


def _without(gap: JournalLineGap, numbers: Sequence[int]) -> Iterator[JournalLineGap]:
    # `numbers` must be sorted.
    start = gap.first
    for number in numbers[bisect_left(numbers, gap.first) : bisect_right(numbers, gap.last)]:
        if start < number:
            yield JournalLineGap(start, number - 1)
        start = number + 1
    if start <= gap.last:
        yield JournalLineGap(start, gap.last)
