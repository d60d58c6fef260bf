"""Waiting for what a product does, and doing many things in one instant."""

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

from core.courier.worker import LEASE

T = TypeVar("T")

POLL_SECONDS = 0.01
LONGEST_POLL_SECONDS = 0.1
PATIENCE = 1.2
"""Each look is this much later than the one before it: who looks takes the processor from whom it waits for."""
SECONDS_FOR_A_MAIL = 20
SECONDS_OF_A_CLAIM = int(LEASE.total_seconds()) + 10
"""A courier whose clock is so much ahead takes up what killed ones had in hand."""


class DidNotHappen(AssertionError):
    """What was waited for did not come in time."""


def eventually(find: Callable[[], T | None], what: str, seconds: float = SECONDS_FOR_A_MAIL) -> T:
    """What `find` finds, as soon as it is something."""
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(pause)
        pause = min(pause * PATIENCE, LONGEST_POLL_SECONDS)
    raise DidNotHappen(what)


def together(act: Callable[[int], T], count: int) -> list[T]:
    """What `count` threads get that begin in one instant."""
    barrier = Barrier(count)
    results: dict[int, T] = {}

    def run(number: int) -> None:
        barrier.wait(20)
        results[number] = act(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == count
    return [results[number] for number in range(count)]
