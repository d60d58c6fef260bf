"""Waits for events of a product, and runs functions in parallel."""

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01
LONGEST_POLL_SECONDS = 0.1
SLOWER = 1.2
"""Factor by which the pause grows after each look, because looking uses the processor that the product needs."""
SECONDS_FOR_A_MAIL = 180
"""Maximum number of seconds to wait for a mail. Only failing tests wait that long."""
SECONDS_OF_A_PAUSE = 60
"""Number of seconds that the product waits between two codes for one voter."""


class DidNotHappen(AssertionError):
    """Raised when something did not happen in time."""


def eventually(find: Callable[[], T | None], description: str, seconds: float = SECONDS_FOR_A_MAIL) -> T:
    """Call `find` until it returns a true value, and return this value. Raises DidNotHappen after `seconds`."""
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(pause)
        pause = min(pause * SLOWER, LONGEST_POLL_SECONDS)
    raise DidNotHappen(description)


def in_parallel(act: Callable[[int], T], count: int) -> list[T]:
    """Call `act` in `count` threads that start at the same time. Returns the results."""
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
