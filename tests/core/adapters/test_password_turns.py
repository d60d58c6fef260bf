"""Only a limited number of threads hash passwords at once, and a limited number waits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Semaphore

import pytest

from core.adapters.password_hashing import PasswordTurns
from core.ports import PasswordQueueFull
from tests.support.product import eventually

CROWD = 12
LONG = 180.0


class SlowWork:
    """Takes a turn and works until the test lets it end. Records how many threads work at once."""

    def __init__(self, turns: PasswordTurns) -> None:
        self.now = self.most = self.done = 0
        self.may_end = Semaphore(0)
        self._turns = turns
        self._lock = Lock()

    def __call__(self) -> None:
        with self._turns.take():
            with self._lock:
                self.now += 1
                self.most = max(self.most, self.now)
            assert self.may_end.acquire(timeout=LONG)
            with self._lock:
                self.now -= 1
                self.done += 1


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CROWD) as pool:
        yield pool


def test_no_more_threads_than_allowed_have_a_turn(threads: ThreadPoolExecutor) -> None:
    """Only two of many threads work at once, and in the end all have worked."""
    work = SlowWork(PasswordTurns(at_once=2, waiting=CROWD, wait_seconds=LONG))
    sent = [threads.submit(work) for _ in range(CROWD)]
    eventually(lambda: work.now == 2, "two at work")

    work.may_end.release(CROWD)

    assert [each.result() for each in sent] == [None] * CROWD
    assert (work.done, work.most) == (CROWD, 2)


def test_a_thread_that_waits_too_long_gets_no_turn(threads: ThreadPoolExecutor) -> None:
    """A thread that waits too long is refused, and later threads get a turn again."""
    work = SlowWork(PasswordTurns(at_once=1, waiting=1, wait_seconds=0.05))
    first = threads.submit(work)
    eventually(lambda: work.now == 1, "one at work")

    with pytest.raises(PasswordQueueFull):
        work()

    work.may_end.release(2)
    first.result()
    work()
    assert work.done == 2


def test_a_thread_is_refused_at_once_while_as_many_wait_as_may(threads: ThreadPoolExecutor) -> None:
    """A thread is refused at once if the queue is full, and later threads get a turn again."""
    work = SlowWork(PasswordTurns(at_once=1, waiting=1, wait_seconds=LONG))
    sent = [threads.submit(work) for _ in range(6)]
    eventually(lambda: sum(each.done() for each in sent) == 4, "four refusals")

    work.may_end.release(3)

    assert [type(each.exception()) for each in sent].count(PasswordQueueFull) == 4
    work()
    assert work.done == 3
