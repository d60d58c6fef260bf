"""Several processes read a long file: to check and digest a line takes three times as long as all the rest of its reading."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from itertools import cycle, islice
from multiprocessing.connection import Connection

import msgspec

from core.roll.lines import Cells, Sound

FORKS = multiprocessing.get_context("fork")
"""The keys are in their memory from the beginning, and are sent nowhere."""
READERS_MAXIMUM = 3
"""More would wait for this process, which takes the file apart and gathers what they read."""
LINES_AT_ONCE = 1_000

Batch = list[tuple[int, Cells]]
"""Lines and their cells."""
Made = list[Sound | None]
"""Of each line of a batch; None where something is wrong."""
Read = Callable[[Iterable[Cells]], Made]

_encode = msgspec.msgpack.Encoder().encode
_cells = msgspec.msgpack.Decoder(list[Cells]).decode
_sound = msgspec.msgpack.Decoder(Made).decode


class Reader:
    """Another process, which reads one batch after the other."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._batch: Batch = []
        self._pipe, theirs = FORKS.Pipe()
        self._process = FORKS.Process(target=_work, args=(read, theirs, self._pipe), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, batch: Batch) -> None:
        """What it reads next."""
        self._batch = batch
        with suppress(OSError):  # it is gone: `take` finds out
            self._pipe.send_bytes(_encode([cells for _, cells in batch]))

    def take(self) -> tuple[Batch, Made]:
        """What it was given, and what that makes. Whoever ended it, or its want of memory, loses nothing: it is read here."""
        try:
            return self._batch, _sound(self._pipe.recv_bytes())
        except (EOFError, OSError):
            return _read_here(self._batch, self._read)

    def close(self) -> None:
        """It ends when nobody can give it anything. Whoever began after it must be closed before: they hold its pipe too."""
        self._pipe.close()
        self._process.join()


def read_together(records: Iterator[tuple[int, Cells]], read: Read) -> Generator[tuple[Batch, Made]]:
    """All of them in their order, some at a time, with what they make. A short file is read here alone."""
    batches = iter(lambda: list(islice(records, LINES_AT_ONCE)), [])
    for first in islice(batches, 1):
        yield _read_here(first, read)
        with ExitStack() as stack:
            readers = [stack.enter_context(closing(Reader(read))) for _ in range(_how_many(first))]
            yield from _handed_out(batches, readers) if readers else (_read_here(batch, read) for batch in batches)


def _read_here(batch: Batch, read: Read) -> tuple[Batch, Made]:
    return batch, read(cells for _, cells in batch)


def _how_many(first: Batch) -> int:
    processors = os.cpu_count() or 1
    return 0 if len(first) < LINES_AT_ONCE or processors == 1 else min(processors, READERS_MAXIMUM)


def _handed_out(batches: Iterator[Batch], readers: list[Reader]) -> Iterator[tuple[Batch, Made]]:
    """Each in its turn, and given the next before we look at what it made of the last: nobody waits."""
    busy: deque[Reader] = deque()
    for reader, batch in zip(cycle(readers), batches, strict=False):
        done = [busy.popleft().take()] if len(busy) == len(readers) else []
        reader.give(batch)
        busy.append(reader)
        yield from done
    yield from (reader.take() for reader in busy)


def _work(read: Read, pipe: Connection, other_end: Connection) -> None:
    """Until the process that gives is done, or gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches that one, which ends this one
    other_end.close()
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(_encode(read(_cells(pipe.recv_bytes()))))
