"""A long roll is read by several processes: what they make and what is told is what one alone makes and tells."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection

import pytest

from core.roll import readers
from core.roll.lines import Cells, Lines
from core.roll.new_roll import NewRoll
from core.roll.readers import Made, read_together
from tests.core.test_roll import MARTIN, OBRIEN, faults, read
from tests.support.product.processes import alive
from tests.support.product.waiting import eventually

PERSONS = 23


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], set[int]]]:
    """Lines go to three processes, two at a time; tells which processes have read some. None is left at the end."""
    written, read_by = os.pipe2(os.O_NONBLOCK)
    sound = Lines.sound

    def watched(self: Lines, cells: Iterable[Cells]) -> Made:
        os.write(read_by, f"{os.getpid()} ".encode())
        return sound(self, cells)

    monkeypatch.setattr(Lines, "sound", watched)
    monkeypatch.setattr(readers, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    yield lambda: set(map(int, os.read(written, 10_000).split()))
    os.close(written)
    os.close(read_by)
    assert not multiprocessing.active_children()


def line(number: int, name: str = "Martin", birth_date: str = "31/12/1970") -> str:
    """Someone of that number, who is like nobody else."""
    return (
        f"voter{number}@ac-lumiere.example;{name};Camille;{birth_date};12A{number:07}ABC;06 12 34 {number:02} 78;;fr;"
    )


def by_one(monkeypatch: pytest.MonkeyPatch, look: Callable[[], list[str]]) -> list[str]:
    """The same, on a machine of one processor."""
    with monkeypatch.context() as alone:
        alone.setattr(os, "cpu_count", lambda: 1)
        return look()


def entries(roll: NewRoll) -> list[str]:
    """All of it, with the lines."""
    return [f"{roll.line(position)} {entry}" for position, entry in enumerate(roll)]


def test_many_readers_make_what_one_makes(shared: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every person once, in the order of the file, at their line; the last batch is shorter."""
    persons = [line(number) for number in range(PERSONS)]

    made = entries(read(*persons))
    processes = shared()

    assert len(processes) == readers.READERS_MAXIMUM + 1
    assert made == by_one(monkeypatch, lambda: entries(read(*persons)))
    assert shared() == {os.getpid()}


def test_many_readers_find_what_one_finds(shared: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with a line, and who is there twice, wherever both are."""
    persons = [line(number) for number in range(PERSONS)]
    persons[3:3] = [line(100, name=" "), line(101, birth_date="31/02/1970") + ";;", '"astray"x;', line(1)]
    persons += [line(102, birth_date="never"), line(100), line(8), OBRIEN, OBRIEN]

    told = faults(*persons)

    assert [int(each.split()[1].strip(",")) for each in told] == [5, 6, 7, 8, 8, 29, 30, 30, 31, 31, 33, 33]
    assert len(shared()) > 1
    assert told == by_one(monkeypatch, lambda: faults(*persons))


def test_a_reader_that_is_gone_loses_no_line(shared: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended by somebody in the middle: what it was given is read here."""
    here, sound = os.getpid(), Lines.sound

    def ended(self: Lines, cells: Iterable[Cells]) -> Made:
        made = sound(self, cells)
        if os.getpid() != here and any(each and each.email.startswith(("voter9@", "voter10@")) for each in made):
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    monkeypatch.setattr(Lines, "sound", ended)
    persons = [line(number) for number in range(PERSONS)]

    assert [entry.email for entry in read(*persons)] == [person.partition(";")[0] for person in persons]
    assert len(shared()) > 1


def test_a_short_roll_is_read_here(shared: Callable[[], set[int]]) -> None:
    """Nobody else is begun for it."""
    read(MARTIN)

    assert shared() == {os.getpid()}


@pytest.mark.usefixtures("shared")
def test_no_reader_outlives_a_reading_that_is_given_up() -> None:
    """Ctrl+C in the middle."""
    records = enumerate([[""]] * PERSONS)
    batches = read_together(records, lambda cells: [None for _ in cells])
    next(batches)
    next(batches)
    assert len(multiprocessing.active_children()) == readers.READERS_MAXIMUM

    batches.close()

    assert not multiprocessing.active_children()


@pytest.mark.usefixtures("shared")
def test_no_reader_outlives_the_process_it_reads_for() -> None:
    """Not even when that one is killed."""
    ours, theirs = readers.FORKS.Pipe()
    importing = readers.FORKS.Process(target=_begin, args=(theirs,))
    importing.start()
    begun: list[int] = ours.recv()

    importing.kill()
    importing.join()

    assert len(begun) == readers.READERS_MAXIMUM
    eventually(lambda: not any(map(alive, begun)), "the end of the readers")


def _begin(pipe: Connection) -> None:
    batches = read_together(enumerate([[""]] * PERSONS), lambda cells: [None for _ in cells])
    next(batches)
    next(batches)
    pipe.send([each.pid for each in multiprocessing.active_children()])
    signal.pause()
