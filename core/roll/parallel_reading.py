"""Reads the lines of a long roll in several processes: checking and digesting a line is three quarters of its reading."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from threading import Thread

import msgspec

from core.roll.line_parser import Cells, ParsedLine

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
            pending.append((batch, pool.submit(_parsed, [cells for _, cells in batch])))
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


def _parsed(lines: list[Cells]) -> bytes:
    return _encode(_parse(lines))
