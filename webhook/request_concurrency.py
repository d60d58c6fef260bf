"""Shares the threads of a web process: a few requests compute at once, and many may wait for a password's turn."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Semaphore
from typing import TYPE_CHECKING

from core.ports import PasswordQueueFull

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNLIMITED = ("/healthz", "/static/")
"""Paths that need no database, and are answered while everything waits for one."""


class RequestConcurrencyLimit:
    """Lets `computing` forms and as many pages compute at once, whatever the number of threads, and `waiting` forms wait.

    So neither forms that wait nor forms that compute keep a page from being drawn.
    """

    def __init__(self, *, computing: int, waiting: int) -> None:
        self._forms, self._pages = _turns(computing), _turns(computing)
        self._places = Semaphore(waiting)

    def limit_concurrency(self, application: "WSGIApplication") -> "WSGIApplication":
        """Return an application whose requests begin when they may compute."""

        def limited(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith(UNLIMITED):
                return application(environ, start_response)
            turns = self._forms if environ["REQUEST_METHOD"] == "POST" else self._pages
            turns.get()
            try:
                return application(environ, start_response)
            finally:
                turns.put(None)

        return limited

    @contextmanager
    def release_turn_while_waiting(self) -> Iterator[None]:
        """Let another form compute while this one waits inside the block. Raises PasswordQueueFull when too many wait."""
        if not self._places.acquire(blocking=False):
            raise PasswordQueueFull
        self._forms.put(None)
        try:
            yield
        finally:
            self._forms.get()
            self._places.release()


def _turns(number: int) -> "SimpleQueue[None]":
    """Return a queue of so many turns: a semaphore written in C, since each request takes and gives back one."""
    turns: SimpleQueue[None] = SimpleQueue()
    for _ in range(number):
        turns.put(None)
    return turns
