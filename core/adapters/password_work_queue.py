"""Passwords are hashed by a few threads in order of arrival, while the requests that brought them wait."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from threading import get_native_id
from typing import TypeVar

from core.ports import PasswordHasher, PasswordQueueFull

T = TypeVar("T")
NICE = 12
"""A fifteenth of the weight of a page's thread (sched(7)), which takes some 2 ms."""
Waiting = Callable[[], AbstractContextManager[None]]
"""Entered by each request while it waits. Raises PasswordQueueFull when too many wait."""


class PasswordWorkQueue:
    """At most `threads` pieces of work at once, first come, first served; none waits longer than `seconds` for its turn."""

    def __init__(self, threads: int, seconds: float, waiting: Waiting) -> None:
        self._threads = ThreadPoolExecutor(threads, initializer=_yield_to_pages)
        self._seconds = seconds
        self._waiting = waiting

    def run(self, work: Callable[[], T]) -> T:
        """Return what the work returns. Raises PasswordQueueFull when it was not begun, and what the work raises."""
        with self._waiting():
            future = self._threads.submit(work)
            wait([future], self._seconds)
            if future.cancel():
                raise PasswordQueueFull
            return future.result()


def _yield_to_pages() -> None:
    """Give this thread less of a processor than a page's: on Linux each thread has a nice value of its own."""
    with suppress(PermissionError):  # a unit of systemd may forbid it
        thread = get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)


class QueuedPasswordHasher:
    """The port PasswordHasher. Passwords of known and of unknown addresses wait in the same queue."""

    def __init__(self, hasher: PasswordHasher, queue: PasswordWorkQueue) -> None:
        self._hasher = hasher
        self._queue = queue

    def hash(self, password: str) -> str:
        return self._queue.run(lambda: self._hasher.hash(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        return self._queue.run(lambda: self._hasher.verify(hashed, password))

    def needs_rehash(self, hashed: str) -> bool:
        return self._hasher.needs_rehash(hashed)
