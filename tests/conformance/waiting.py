"""Waits for events of a product, and runs functions in parallel."""

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
"""A generous limit. Only failing tests wait that long."""
SECONDS_OF_A_PAUSE = 60
"""The product's pause between two codes of one voter."""


class DidNotHappen(AssertionError):
    """The awaited event did not happen in time."""


def eventually(find: Callable[[], T | None], description: str, seconds: float = SECONDS_FOR_A_MAIL) -> T:
    """Call `find` until it returns a true value, and return that. Raises DidNotHappen after `seconds`."""
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(pause)
        pause = min(pause * SLOWER, LONGEST_POLL_SECONDS)
    raise DidNotHappen(description)


def in_parallel(act: Callable[[int], T], count: int) -> list[T]:
    """Call `act` in `count` threads that begin at the same time. Returns their results."""
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
