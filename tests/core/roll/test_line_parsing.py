"""Several processes read a long roll with the same result and messages as one process."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection

import pytest

from core.roll import line_parsing
from core.roll.line_parsing import Cells, Parsed, RollLineParser, read_in_parallel
from core.roll.spooled_roll import SpooledRoll
from tests.conformance.polling_and_parallel_calls import eventually
from tests.core.roll.test_roll_import import MARTIN, OBRIEN, faults, read
from tests.support.product.processes import alive

PERSONS = 23


@pytest.fixture
def reading_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], set[int]]]:
    """Give lines to three processes, two at a time, and return the processes that read; none is left at the end."""
    written, read_by = os.pipe2(os.O_NONBLOCK)
    parse = RollLineParser.parse

    def watched(self: RollLineParser, cells: Iterable[Cells]) -> Parsed:
        os.write(read_by, f"{os.getpid()} ".encode())
        return parse(self, cells)

    monkeypatch.setattr(RollLineParser, "parse", watched)
    monkeypatch.setattr(line_parsing, "LINES_A_BATCH", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    yield lambda: set(map(int, os.read(written, 10_000).split()))
    os.close(written)
    os.close(read_by)
    assert not multiprocessing.active_children()


def line(number: int, name: str = "Martin", birth_date: str = "31/12/1970") -> str:
    """Return the line of a person with that number, unlike all others."""
    return (
        f"voter{number}@ac-lumiere.example;{name};Camille;{birth_date};12A{number:07}ABC;06 12 34 {number:02} 78;;fr;"
    )


def on_one_processor(monkeypatch: pytest.MonkeyPatch, look: Callable[[], list[str]]) -> list[str]:
    """Do the same as on a machine with one processor."""
    with monkeypatch.context() as alone:
        alone.setattr(os, "cpu_count", lambda: 1)
        return look()


def entries(roll: SpooledRoll) -> list[str]:
    """Return all entries with their lines."""
    return [f"{roll.line_of(position)} {entry}" for position, entry in enumerate(roll)]


def test_several_processes_read_the_same_entries(
    reading_processes: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes return every person once, in the order of the file, also from a shorter last batch."""
    persons = [line(number) for number in range(PERSONS)]

    made = entries(read(*persons))
    processes = reading_processes()

    assert 1 < len(processes) <= line_parsing.PROCESSES_MAXIMUM + 1
    assert made == on_one_processor(monkeypatch, lambda: entries(read(*persons)))
    assert reading_processes() == {os.getpid()}


def test_several_processes_find_the_same_faults(
    reading_processes: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes find the same faults and duplicates as one, wherever they are."""
    persons = [line(number) for number in range(PERSONS)]
    persons[3:3] = [line(100, name=" "), line(101, birth_date="31/02/1970") + ";;", '"astray"x;', line(1)]
    persons += [line(102, birth_date="never"), line(100), line(8), OBRIEN, OBRIEN]

    told = faults(*persons)

    assert [int(each.split()[1].strip(",")) for each in told] == [5, 6, 7, 8, 8, 29, 30, 30, 31, 31, 33, 33]
    assert len(reading_processes()) > 1
    assert told == on_one_processor(monkeypatch, lambda: faults(*persons))


def test_a_killed_process_loses_no_line(
    reading_processes: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines of a process that was killed are read by this process."""
    here, parse = os.getpid(), RollLineParser.parse

    def ended(self: RollLineParser, cells: Iterable[Cells]) -> Parsed:
        made = parse(self, cells)
        if os.getpid() != here and any(each and each.email.startswith(("voter9@", "voter10@")) for each in made):
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    monkeypatch.setattr(RollLineParser, "parse", ended)
    persons = [line(number) for number in range(PERSONS)]

    assert [entry.email for entry in read(*persons)] == [person.partition(";")[0] for person in persons]
    assert len(reading_processes()) > 1


def test_a_short_roll_starts_no_process(reading_processes: Callable[[], set[int]]) -> None:
    """A short roll starts no other process."""
    read(MARTIN)

    assert reading_processes() == {os.getpid()}


@pytest.mark.usefixtures("reading_processes")
def test_no_process_outlives_an_interrupted_reading() -> None:
    """No process is left after a Ctrl+C."""
    records = enumerate([[""]] * PERSONS)
    batches = read_in_parallel(records, lambda cells: [None for _ in cells])
    next(batches)
    next(batches)
    assert len(multiprocessing.active_children()) == line_parsing.PROCESSES_MAXIMUM

    batches.close()

    assert not multiprocessing.active_children()


@pytest.mark.usefixtures("reading_processes")
def test_no_process_outlives_its_parent() -> None:
    """No process is left when the one that reads the roll is killed."""
    ours, theirs = line_parsing.FORK.Pipe()
    importing = line_parsing.FORK.Process(target=_begin, args=(theirs,))
    importing.start()
    begun: list[int] = ours.recv()

    importing.kill()
    importing.join()

    assert len(begun) == line_parsing.PROCESSES_MAXIMUM
    eventually(lambda: not any(map(alive, begun)), "the end of the readers")


def _begin(pipe: Connection) -> None:
    batches = read_in_parallel(enumerate([[""]] * PERSONS), lambda cells: [None for _ in cells])
    next(batches)
    next(batches)
    pipe.send([each.pid for each in multiprocessing.active_children()])
    signal.pause()
