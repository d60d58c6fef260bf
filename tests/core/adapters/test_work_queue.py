"""CASE 50: a bounded number of passwords is hashed at once, in order of arrival."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from threading import Lock, Semaphore, get_native_id

import pytest

from core.adapters.password_work_queue import NICE, PasswordWorkQueue, QueuedPasswordHasher
from core.ports import PasswordQueueFull
from tests.support.election import CountingHasher
from tests.support.product import eventually

CROWD = 16
LONG = 180.0
LEAST_PRIORITY = 19


class Gate:
    """Work that records its order and how much of it is done at once, and ends when the test lets it."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.most = 0
        self._now = 0
        self._lock = Lock()
        self._may_end = Semaphore(0)

    def work(self, number: int) -> int:
        """Begin, and end when allowed."""
        with self._lock:
            self.begun.append(number)
            self._now += 1
            self.most = max(self.most, self._now)
        assert self._may_end.acquire(timeout=LONG)
        with self._lock:
            self._now -= 1
        return number

    def let_end(self, count: int) -> None:
        """Let so many pieces of work end."""
        self._may_end.release(count)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """The threads of a web process."""
    with ThreadPoolExecutor(CROWD) as pool:
        yield pool


def waiting_of(queue: PasswordWorkQueue) -> int:
    """Return how much work has not begun."""
    return queue._threads._work_queue.qsize()  # nobody else needs to know


def queue_in_order(threads: ThreadPoolExecutor, queue: PasswordWorkQueue, gate: Gate, count: int) -> list[Future[int]]:
    """Put work into the queue, each piece after the last has arrived."""
    results = []
    for number in range(count):
        results.append(threads.submit(queue.run, lambda number=number: gate.work(number)))
        eventually(lambda number=number: len(gate.begun) + waiting_of(queue) > number, "its arrival")
    return results


def test_case_50_work_is_bounded_and_done_in_order(threads: ThreadPoolExecutor) -> None:
    """CASE 50: of sixteen pieces three are done at once, first come, first served."""
    queue, gate = PasswordWorkQueue(3, LONG, nullcontext), Gate()

    results = queue_in_order(threads, queue, gate, CROWD)
    assert sorted(gate.begun) == [0, 1, 2]
    for done in range(1, CROWD + 1):
        gate.let_end(1)
        eventually(lambda done=done: len(gate.begun) == min(done + 3, CROWD), "the next ones")

    assert sorted(each.result() for each in results) == list(range(CROWD))
    assert sorted(gate.begun[:3]) + gate.begun[3:] == list(range(CROWD))
    assert gate.most == 3


def test_work_whose_turn_does_not_come_is_never_done(threads: ThreadPoolExecutor) -> None:
    """Work that waited too long is refused, and work under way ends well, however long it takes."""
    queue, gate = PasswordWorkQueue(1, 0.05, nullcontext), Gate()
    (first,) = queue_in_order(threads, queue, gate, 1)

    with pytest.raises(PasswordQueueFull):
        queue.run(lambda: gate.work(1))
    gate.let_end(2)

    assert first.result() == 0
    assert queue.run(lambda: gate.work(2)) == 2
    assert gate.begun == [0, 2]


def test_no_more_may_wait_than_there_are_places() -> None:
    """Work without a free place is refused at once, and work that fails leaves its place to others."""
    places = Semaphore(1)

    @contextmanager
    def waiting() -> Iterator[None]:
        if not places.acquire(blocking=False):
            raise PasswordQueueFull
        try:
            yield
        finally:
            places.release()

    queue = PasswordWorkQueue(1, LONG, waiting)

    def nested() -> None:
        with pytest.raises(PasswordQueueFull):
            queue.run(list)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        queue.run(nested)
    assert queue.run(list) == []


def test_work_gives_way_to_pages() -> None:
    """The threads that work have a higher nice value than those that wait."""
    queue = PasswordWorkQueue(1, LONG, nullcontext)

    assert queue.run(nice_value) == min(nice_value() + NICE, LEAST_PRIORITY)


def nice_value() -> int:
    """Return that of the thread that runs this."""
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


def test_case_50_known_and_unknown_wait_in_the_same_queue(threads: ThreadPoolExecutor) -> None:
    """CASE 50: two hashes are made at once, of new passwords, of known and of unknown addresses together."""
    gate = Gate()

    class Slow(CountingHasher):
        def hash(self, password: str) -> str:
            gate.work(0)
            return super().hash(password)

        def verify(self, hashed: str | None, password: str) -> bool:
            gate.work(0)
            return super().verify(hashed, password)

    slow = Slow()
    known = CountingHasher().hash("Lavande")
    hasher = QueuedPasswordHasher(slow, PasswordWorkQueue(2, LONG, nullcontext))
    calls: list[Callable[[], object]] = [
        lambda: hasher.hash("Lavande"),
        lambda: hasher.verify(known, "Lavande"),
        lambda: hasher.verify(None, "Lavande"),
    ]
    results = [threads.submit(call) for call in calls * 4]
    eventually(lambda: len(gate.begun) == 2, "two hashes")
    gate.let_end(len(results))

    done = [each.result() for each in results]
    assert done[1::3] == [True] * 4
    assert done[2::3] == [False] * 4
    assert (slow.hashed, slow.verified, gate.most) == (4, 8, 2)
    assert not hasher.needs_rehash(known)
