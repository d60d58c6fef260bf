"""Parse the lines of a roll into the entries that the store keeps, those of a long roll in several processes.

Checking and digesting a line is three quarters of its reading.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from itertools import islice
from threading import Thread
from typing import Any

import msgspec

from core.ports import RollEntry, Vault
from core.roll.cell_parsers import CellRefused
from core.roll.roll_columns import RollColumn, cell_parser
from core.roll.spooled_roll import pack_entry
from core.security.personal_data_digests import PlatformPseudonyms, birth_date_digest, numen_digest, phone_digest
from core.text.text import Text

Cells = list[str] | None
"""The cells of a record; None where its quotes do not match."""


class ParsedLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A valid line: the two values that must be unique, and the packed entry."""

    email: str
    numen_digest: bytes
    packed: bytes


class RollLineParser:
    """Parses lines that have these columns."""

    def __init__(
        self, columns: Sequence[RollColumn], vault: Vault, pseudonyms: PlatformPseudonyms, today: date
    ) -> None:
        self._parsers = [(column.value, cell_parser(column, today)) for column in columns]
        self._vault = vault
        self._pseudonyms = pseudonyms
        self.width = len(columns)
        """The number of cells of a line."""

    def parse(self, lines: Iterable[Cells]) -> list[ParsedLine | None]:
        """Return the parsed lines; None for each line with a fault."""
        return [self._sound(cells) for cells in lines]

    def parse_cells(self, cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, Text]]]:
        """Return the values that could be parsed, by field, and each refused cell with its reason."""
        values: dict[str, Any] = {}
        wrong: list[tuple[str, Text]] = []
        for (name, parse), cell in zip(self._parsers, cells, strict=True):
            try:
                values[name] = parse(cell)
            except CellRefused as why:
                wrong.append((cell, why.reason))
        return values, wrong

    def numen_digest(self, numen: str) -> bytes:
        """Return the keyed digest of a NUMEN."""
        return numen_digest(self._vault, numen)

    def _sound(self, cells: Cells) -> ParsedLine | None:
        if cells is None or len(cells) != self.width:
            return None
        values, wrong = self.parse_cells(cells)
        if wrong:
            return None
        entry = self._entry(values)
        return ParsedLine(entry.email, entry.numen_digest, pack_entry(entry))

    def _entry(self, values: dict[str, Any]) -> RollEntry:
        """Replace what identifies a person by keyed digests; every other cell is kept as it is."""
        numen, birth_date, phone = values.pop("numen"), values.pop("birth_date"), values.pop("phone", None)
        return RollEntry(
            birth_date_digest=birth_date_digest(self._vault, birth_date, numen),
            numen_digest=self.numen_digest(numen),
            pseudonym=self._pseudonyms.stored_pseudonym(numen),
            phone_digest=phone_digest(self._vault, phone) if phone else None,
            phone_ending=phone[-2:] if phone else None,
            **values,
        )


FORK = multiprocessing.get_context("fork")
"""A forked process has the keys in its memory, so that they are sent nowhere."""
PROCESSES_MAXIMUM = 3
"""More would wait for this process, which splits the file and gathers the results."""
LINES_A_BATCH = 1_000
IN_FLIGHT = 2
"""Batches handed out for each process: one that it parses, and the next."""

Batch = list[tuple[int, Cells]]
"""Line numbers and the cells of their lines."""
Parsed = list[ParsedLine | None]
"""One value a line of a batch; None where something is wrong."""
Parse = Callable[[Iterable[Cells]], Parsed]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Parsed).decode
_parse: Parse


def read_in_parallel(records: Iterator[tuple[int, Cells]], parse: Parse) -> Generator[tuple[Batch, Parsed]]:
    """Yield every batch of records with its parsed lines, in the order of the file. A short file is read here."""
    batches = iter(lambda: list(islice(records, LINES_A_BATCH)), [])
    for first in islice(batches, 1):
        yield first, parse(cells for _, cells in first)
        processes = min(os.cpu_count() or 1, PROCESSES_MAXIMUM) if len(first) == LINES_A_BATCH else 1
        if processes == 1:
            yield from ((batch, parse(cells for _, cells in batch)) for batch in batches)
        else:
            with ProcessPoolExecutor(processes, FORK, initializer=_begin, initargs=(parse,)) as pool:
                yield from _handed_out(batches, parse, pool, processes * IN_FLIGHT)


def _handed_out(
    batches: Iterator[Batch], parse: Parse, pool: ProcessPoolExecutor, most: int
) -> Iterator[tuple[Batch, Parsed]]:
    pending: deque[tuple[Batch, Future[bytes] | None]] = deque()
    for batch in batches:
        if len(pending) == most:
            yield _gathered(*pending.popleft(), parse)
        try:
            pending.append((batch, pool.submit(_parse_in_pool, [cells for _, cells in batch])))
        except BrokenProcessPool:
            pending.append((batch, None))
    yield from (_gathered(batch, future, parse) for batch, future in pending)


def _gathered(batch: Batch, future: Future[bytes] | None, parse: Parse) -> tuple[Batch, Parsed]:
    """Return a batch with its parsed lines; parse it here when its process was killed or ran out of memory."""
    if future is not None:
        try:
            return batch, _decode(future.result())
        except BrokenProcessPool:
            pass
    return batch, parse(cells for _, cells in batch)


def _begin(parse: Parse) -> None:
    """Prepare a process of the pool; it ends with the process that began it, even when that one is killed."""
    global _parse  # noqa: PLW0603  # an initializer has no other way to hand a value to the calls that follow
    _parse = parse
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the importing process, which ends the pool
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _parse_in_pool(lines: list[Cells]) -> bytes:
    return _encode(_parse(lines))
