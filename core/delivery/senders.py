"""Threads that send the messages of one channel."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.forms.flow_model import Channel


class CallersThread(Executor):
    """Runs each job immediately in the calling thread. Used for the help's pictures and for tests."""

    def __init__(self, max_workers: int = 1) -> None:
        """Accept the argument of ThreadPoolExecutor and ignore it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401  # as in Executor
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass(slots=True)
class Senders:
    """The senders of one channel. At most `number` messages are being sent at once."""

    channel: Channel
    number: int
    threads: Executor
    under_way: "dict[Future[None], datetime]" = field(default_factory=dict, init=False)
    """Running jobs, with their start times."""

    def free(self, now: datetime, patience: timedelta) -> int:
        """Return how many messages may start now.

        Returns 0 while a message has been running for longer than `patience`. Its claim would end before its answer is
        recorded, and this courier would claim and send it again.
        """
        self.under_way = {future: began for future, began in self.under_way.items() if not future.done()}
        if any(now - began > patience for began in self.under_way.values()):
            return 0
        return self.number - len(self.under_way)
