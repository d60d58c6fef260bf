"""Waiting for what a product does, and doing many things in one instant."""

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01
LONGEST_POLL_SECONDS = 0.1
SLOWER = 1.2
"""Each look is this much later than the one before it: who looks takes the processor from whom it waits for."""
SECONDS_FOR_A_MAIL = 180
"""Many times what it takes on a busy machine, for only what fails waits so long."""
SECONDS_OF_A_PAUSE = 60
"""The pause between two codes of one voter."""


class DidNotHappen(AssertionError):
    """The awaited event did not happen in time."""


def eventually(find: Callable[[], T | None], description: str, seconds: float = SECONDS_FOR_A_MAIL) -> T:
    """Return what `find` finds, as soon as it is something. Raises DidNotHappen."""
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(pause)
        pause = min(pause * SLOWER, LONGEST_POLL_SECONDS)
    raise DidNotHappen(description)


def in_parallel(act: Callable[[int], T], count: int) -> list[T]:
    """Return what `count` threads get that begin in one instant."""
    barrier = Barrier(count)
    results: dict[int, T] = {}

    def run(number: int) -> None:
        barrier.wait(180)
        results[number] = act(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert len(results) == count
    return [results[number] for number in range(count)]
